import Dispatch
import EventLoops
import Synchronization

@testable import Endpoint

/// A loop that stands still until its release. What clients send meanwhile arrives and stays unread.
final class HeldLoop: Sendable {
    private let released = DispatchSemaphore(value: 0)

    /// Holds the only loop of a server. The loop runs `body` when it is released.
    static func hold(
        _ server: EndpointServer, then body: @escaping @Sendable (EndpointLoop) -> Void
    ) async throws -> HeldLoop {
        let held = HeldLoop()
        let part = server.parts[0]
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            part.loop.execute {
                continuation.resume()
                held.released.wait()
                body(part.value)
            }
        }
        return held
    }

    func release() { released.signal() }
}

extension EndpointServer {
    /// Connections open now, WebSockets among them.
    var openConnections: Int { limiter.count }
}

extension ConnectionLimiter {
    var count: Int { open.load(ordering: .relaxed) }
}
