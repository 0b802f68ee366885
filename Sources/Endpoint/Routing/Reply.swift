/// What a handler returns.
package enum Reply: Sendable {
    /// A response.
    case now(Response)
    /// A response whose bytes were made before.
    case prepared(PreparedResponse)
    /// A reply that has to be waited for: runs on the connection's loop, and is cancelled when the connection is lost or
    /// the handler's time is over. Only this one makes a Task (about 1 µs and some allocations).
    case decidedLater(@Sendable () async throws -> Reply)
    /// A response whose body is made while it is sent.
    case streamed(StreamedResponse)
    /// A WebSocket, when the handshake is in order; else 426 or 400.
    indirect case upgrade(WebSocketUpgrade)

    /// A response that has to be waited for, see `decidedLater`.
    package static func later(_ response: @escaping @Sendable () async throws -> Response) -> Reply {
        .decidedLater { .now(try await response()) }
    }
}

/// Replies to a request. Runs on the connection's loop: it must not block. What it throws goes to the
/// `ErrorResponder`.
package typealias Handler = @Sendable (Request) throws -> Reply
