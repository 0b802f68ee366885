/// What a handler returns.
package enum Reply: Sendable {
    /// A response.
    case now(Response)
    /// A response that was encoded before.
    case prepared(PreparedResponse)
    /// A reply that is decided asynchronously. The closure runs on the connection's loop. It is cancelled when the
    /// connection is lost or the handler's time is over. It costs a Task (about 1 µs and some allocations).
    case decidedLater(@Sendable () async throws -> Reply)
    /// A response whose body is produced while it is sent. It costs a Task, too.
    case streamed(StreamedResponse)
    /// A WebSocket. If the handshake is not valid, the client gets 426 or 400.
    indirect case upgrade(WebSocketUpgrade)

    /// A response that is made asynchronously, see `decidedLater`.
    package static func later(_ response: @escaping @Sendable () async throws -> Response) -> Reply {
        .decidedLater { .now(try await response()) }
    }
}

/// Replies to a request. It runs on the connection's loop and must not block. The `ErrorResponder` turns what it throws
/// into a response.
package typealias Handler = @Sendable (Request) throws -> Reply
