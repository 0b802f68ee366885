/// How long to wait before the next try: doubling up to a cap, with jitter, so that many who lost one server do
/// not come back to it in step.
struct Backoff: Sendable, Equatable {
    /// Before the first retry, without jitter.
    var base: Duration = .milliseconds(100)
    var cap: Duration = .seconds(3)

    /// - Parameters:
    ///   - failures: how many tries have failed in a row; 0 gives no wait.
    ///   - jitter: 0..<1; the wait is between half of the full one and all of it.
    func delay(afterFailures failures: Int, jitter: Double) -> Duration {
        guard failures > 0 else { return .zero }
        let doublings = min(failures - 1, 20)
        let full = min(base * (1 << doublings), cap)
        return full * (0.5 + min(max(jitter, 0), 1) / 2)
    }
}
