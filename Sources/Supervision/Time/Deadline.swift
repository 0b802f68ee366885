/// The instant by which an operation must end, on the clock that it was made with.
///
/// It is made once, where the operation begins, and passed down, so that all steps share one time limit.
///
/// ```swift
/// let deadline = Deadline(after: .seconds(5))
/// try await connection.query(sql, timeout: deadline.left)
/// ```
package struct Deadline: Sendable {
    package let instant: ContinuousClock.Instant
    private let clock: any SupervisionClock

    /// Makes a deadline `limit` from now.
    package init(after limit: Duration, by clock: any SupervisionClock = SystemSupervisionClock()) {
        instant = clock.now() + limit
        self.clock = clock
    }

    /// Makes a deadline at an instant of the clock.
    package init(at instant: ContinuousClock.Instant, by clock: any SupervisionClock) {
        self.instant = instant
        self.clock = clock
    }

    /// The time until the deadline; negative after it.
    package var left: Duration { clock.now().duration(to: instant) }

    /// Whether the deadline has been reached.
    package var isOver: Bool { left <= .zero }

    /// Runs `body`, and cancels it `margin` before the deadline.
    ///
    /// This function returns only after `body` has ended, so `body` must end when it is cancelled.
    /// - Returns: what `body` returns; nil when it did not end in time.
    /// - Throws: what `body` throws; `CancellationError` when the task is cancelled.
    package func limit<Value: Sendable>(
        leaving margin: Duration = .zero, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value? {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask { [clock, instant] in
                try await clock.sleep(until: instant - margin)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
