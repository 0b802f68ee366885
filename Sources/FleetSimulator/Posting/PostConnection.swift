import Synchronization

/// The poster's connection: kept alive between requests, and made again after it was lost.
///
/// It blocks, so it is called only on the poster's queue, one call at a time.
final class PostConnection: Sendable {
    private static let connectingTime: Duration = .seconds(5)
    /// The time for one request with its response.
    private static let exchangeTime: Duration = .seconds(15)

    /// The open connection. The lock is always free: the serial queue makes one call at a time.
    private let kept = Mutex<ClientSocket?>(nil)
    private let target: PostTarget

    init(target: PostTarget) {
        self.target = target
    }

    /// Sends a request and waits for its whole response.
    func exchange(_ request: [UInt8]) -> Result<ClientResponse, TransportError> {
        kept.withLock { kept in
            Result { () throws(TransportError) in
                // Taken out, so that a connection that fails midway is closed and never used again.
                let socket = try connected(kept.take())
                let deadline = ContinuousClock.now.advanced(by: Self.exchangeTime)
                try socket.sendAll(request, deadline: deadline)
                let response = try socket.response(deadline: deadline)
                if response.keepsConnection { kept = consume socket }
                return response
            }
        }
    }

    private func connected(_ kept: consuming ClientSocket?) throws(TransportError) -> ClientSocket {
        if let kept = consume kept, !kept.isStale { return kept }
        let deadline = ContinuousClock.now.advanced(by: Self.connectingTime)
        return try ClientSocket(host: target.host, port: target.port, deadline: deadline)
    }
}
