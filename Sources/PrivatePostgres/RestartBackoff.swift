internal import Supervision

/// The delay before the next start: 0.1 s, doubled up to 10 s, reset once the server stayed up for a while.
struct RestartBackoff: Sendable, Equatable {
    static let backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(10))
    /// A server that stayed up this long did not fail because of its start.
    private static let steadyAfter = Duration.seconds(60)

    private var failures = 0

    /// Records that the server ended.
    /// - Parameter uptime: how long it had been ready.
    /// - Returns: how long to wait.
    mutating func ended(uptime: Duration) -> Duration {
        failures = uptime >= Self.steadyAfter ? 1 : failures + 1
        return Self.backoff.delay(afterFailures: failures)
    }
}
