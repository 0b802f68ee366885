/// The instant by which something must be over, on the clock that it was made with.
///
/// It is made once, where the time begins to count, and passed down, so that every step shares one time.
///
/// ```swift
/// let deadline = Deadline(after: .seconds(5))
/// try await connection.query(sql, timeout: deadline.left)
/// ```
package struct Deadline: Sendable {
    package let instant: ContinuousClock.Instant
    private let clock: any SupervisionClock

    /// A deadline `limit` from now.
    package init(after limit: Duration, by clock: any SupervisionClock = SystemSupervisionClock()) {
        instant = clock.now() + limit
        self.clock = clock
    }

    /// A deadline at an instant of the clock.
    package init(at instant: ContinuousClock.Instant, by clock: any SupervisionClock) {
        self.instant = instant
        self.clock = clock
    }

    /// The time until the deadline; negative once it has come.
    package var left: Duration { clock.now().duration(to: instant) }

    /// Whether the deadline has come.
    package var isOver: Bool { left <= .zero }

    /// Runs `body`, and cancels it `margin` before the deadline.
    ///
    /// - Returns: nil when `body` did not end in time.
    /// - Throws: what `body` throws; `CancellationError` when the task is cancelled. `body` has to end when it is
    ///   cancelled.
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
