package import HarborFleet
import Processes
package import Supervision

/// A partner's client: it posts signed fixes to one fleet over HTTP/1.1, and retries a POST until the server has
/// judged it.
///
/// ```swift
/// let poster = SignedPoster(
///     target: try PostTarget(url: "http://127.0.0.1:8080", fleet: fleet),
///     signer: try WebhookSigner(secret: "whsec_..."))
/// let response = try await poster.post(fixes)
/// ```
package final class SignedPoster: Sendable {
    private let target: PostTarget
    private let signer: WebhookSigner
    private let connection: PostConnection
    private let queue = BlockingQueue(label: "harbor-fleet.simulator.poster")
    private let clock: any SupervisionClock
    private let wallClock: any WallClock
    private let onRetry: @Sendable (String) -> Void

    /// - Parameters:
    ///   - clock: the clock for the waits between attempts.
    ///   - wallClock: the clock for `webhook-timestamp`.
    ///   - onRetry: called with the reason and the delay before a POST is sent again.
    package init(
        target: PostTarget, signer: WebhookSigner, clock: any SupervisionClock = SystemSupervisionClock(),
        wallClock: any WallClock = SystemWallClock(), onRetry: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.target = target
        self.signer = signer
        self.clock = clock
        self.wallClock = wallClock
        self.onRetry = onRetry
        connection = PostConnection(target: target)
    }

    /// Posts `fixes`, at most 1,000, and returns once the server has given its final response.
    ///
    /// Cancelling ends the wait between two attempts; an attempt in progress is finished, within its time-out.
    /// - Parameter end: no attempt but the first starts at or after this instant; nil: up to the maximum number
    ///   of attempts.
    /// - Throws: `SimulatorError.refused` or `.unreachable`; `CancellationError`.
    func post(
        _ fixes: some Collection<Fix>, until end: ContinuousClock.Instant? = nil
    ) async throws -> IngestResponse {
        let body = FixBody.encode(fixes, for: target.fleet)
        let id = Self.newID()
        var state = PostRetryState()
        while true {
            // The id and the body stay the same. Each attempt has its own timestamp and signature, so that they
            // are not stale after a long wait.
            let request = request(id: id, body: body)
            let result = await queue.run { [connection] in connection.exchange(request) }
            switch state.attemptEnded(result, jitter: Double.random(in: 0..<1)) {
            case .succeed(let response): return response
            case .giveUp(let error): throw error
            case .retry(let wait, let reason):
                let next = clock.now().advanced(by: wait)
                if let end, next >= end {
                    throw SimulatorError.unreachable(attempts: state.attempts, detail: reason)
                }
                onRetry("trying again in \(Self.seconds(wait)) s: \(reason)")
                try await clock.sleep(until: next)
            }
        }
    }

    private func request(id: String, body: [UInt8]) -> [UInt8] {
        let seconds = wallClock.now().milliseconds / 1000
        let head = [
            "POST \(target.path) HTTP/1.1", "Host: \(target.authority)", "User-Agent: harbor-fleet-simulate",
            "Content-Type: application/json", "Content-Length: \(body.count)", "webhook-id: \(id)",
            "webhook-timestamp: \(seconds)",
            "webhook-signature: \(signer.signature(id: id, unixSeconds: seconds, body: body))",
        ]
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    private static func newID() -> String {
        let digits = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        return "msg_" + digits + "_" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    }

    private static func seconds(_ duration: Duration) -> Double {
        (duration / .milliseconds(100)).rounded() / 10
    }
}
