/// What a handler returns.
///
/// Only `later` makes a Task (about 1 µs and some allocations); the others are answered on the spot.
package enum Reply: Sendable {
    /// An answer.
    case now(Response)
    /// An answer whose bytes were made before.
    case prepared(PreparedResponse)
    /// An answer that has to be waited for: runs on the connection's loop, and is cancelled when the connection
    /// is lost or the handler's time is over.
    case later(@Sendable () async throws -> Response)
    /// As `later`, for who finds out by waiting which kind of answer it is, an upgrade for example.
    case decidedLater(@Sendable () async throws -> Reply)
    /// An answer whose body is made while it is sent.
    case streamed(StreamedResponse)
    /// A WebSocket, when the handshake is in order; else 426 or 400.
    case upgrade(WebSocketUpgrade)
}

/// Answers a request. Runs on the connection's loop: it must not block. What it throws goes to the
/// `ErrorResponder`.
package typealias Handler = @Sendable (Request) throws -> Reply
