/// An exponential back-off: the wait before the next try doubles after each failure, up to a maximum.
package struct Backoff: Sendable, Equatable {
    /// The wait after the first failure.
    package var initial: Duration
    /// The longest wait.
    package var maximum: Duration

    package init(initial: Duration, maximum: Duration) {
        self.initial = initial
        self.maximum = maximum
    }

    /// The wait before the next try.
    /// - Parameter failures: the number of tries that have failed in a row; 0 gives no wait.
    package func delay(afterFailures failures: Int) -> Duration {
        guard failures > 0 else { return .zero }
        return min(initial * (1 << min(failures - 1, 20)), maximum)
    }

    /// The same wait, shortened at random, so that clients that lost one server do not all reconnect at the same time.
    ///
    /// - Parameter jitter: a random number in 0..<1, which gives a wait between half of the full one and all of it.
    package func delay(afterFailures failures: Int, jitter: Double) -> Duration {
        delay(afterFailures: failures) * (0.5 + min(max(jitter, 0), 1) / 2)
    }
}
