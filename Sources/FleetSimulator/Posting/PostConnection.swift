import Synchronization

/// The poster's connection: kept alive between requests, made anew when it is gone.
///
/// Blocks; called on the poster's queue only, one call at a time.
final class PostConnection: Sendable {
    /// How long connecting, and one request with its answer, may take.
    struct TimeOuts: Sendable {
        var connecting: Duration = .seconds(5)
        var exchange: Duration = .seconds(15)
    }

    /// The open connection. The lock is never waited for: it is held by the queue's one call at a time.
    private struct State: ~Copyable {
        var socket: ClientSocket?
    }

    private let state = Mutex(State())
    private let target: PostTarget
    private let timeOuts: TimeOuts

    init(target: PostTarget, timeOuts: TimeOuts) {
        self.target = target
        self.timeOuts = timeOuts
    }

    /// Sends a request and waits for its whole answer.
    func exchange(_ request: [UInt8]) -> Result<HTTPAnswer, TransportError> {
        state.withLock { state in
            Result { () throws(TransportError) in
                // Taken out, so that a connection that fails half-way is closed and never used again.
                let socket = try connected(state.socket.take())
                let answer = try exchange(request, on: socket)
                if answer.keepsConnection { state.socket = consume socket }
                return answer
            }
        }
    }

    private func connected(_ kept: consuming ClientSocket?) throws(TransportError) -> ClientSocket {
        if let kept = consume kept, !kept.isStale { return kept }
        let deadline = ContinuousClock.now.advanced(by: timeOuts.connecting)
        return try ClientSocket(host: target.host, port: target.port, deadline: deadline)
    }

    private func exchange(
        _ request: [UInt8], on socket: borrowing ClientSocket
    ) throws(TransportError) -> HTTPAnswer {
        let deadline = ContinuousClock.now.advanced(by: timeOuts.exchange)
        try socket.sendAll(request, deadline: deadline)
        return try socket.answer(deadline: deadline)
    }
}
