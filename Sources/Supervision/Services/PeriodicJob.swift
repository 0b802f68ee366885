/// Runs a piece of work periodically, with a pause after each run.
///
/// ```swift
/// ChildSpec(id: "sweeper") { context in
///     context.ready()
///     try await PeriodicJob().run { await sweep() > 0 ? .after(.milliseconds(200)) : .after(.seconds(60)) }
/// }
/// ```
/// A run that fails returns when it must be tried again. If it throws an error, the job ends.
package struct PeriodicJob: Sendable {
    /// When the next run begins. A signal makes it begin sooner.
    package enum Next: Sendable, Equatable {
        /// This long after the end of the last run.
        case after(Duration)
        /// At this instant, or at once when it is past.
        case at(ContinuousClock.Instant)
        /// When the signal is raised.
        case atSignal
        /// Never: the job returns.
        case never
    }

    private let signal: Signal
    private let delay: Duration
    private let shortestPause: Duration
    private let clock: any SupervisionClock

    /// - Parameters:
    ///   - signal: starts the next run when it is raised. By default nothing raises it.
    ///   - delay: the time between the signal and the run, so that one run serves several signals. Default 0.
    ///   - shortestPause: the shortest pause, even if the signal is raised. Default 0.
    package init(
        wokenBy signal: Signal = Signal(), afterDelayOf delay: Duration = .zero,
        pausingAtLeast shortestPause: Duration = .zero,
        clock: any SupervisionClock = SystemSupervisionClock()
    ) {
        self.signal = signal
        self.delay = delay
        self.shortestPause = shortestPause
        self.clock = clock
    }

    /// Runs `body` at once, and then each time at the moment that its last result gives.
    ///
    /// - Throws: what `body` throws; `CancellationError` when the task is cancelled in a pause.
    package func run(_ body: () async throws -> Next) async throws {
        try await run { _ in try await body() }
    }

    /// The same, but passes to `body` whether the signal has started the run.
    package func run(_ body: (_ isCalled: Bool) async throws -> Next) async throws {
        var isCalled = false
        while true {
            switch try await body(isCalled) {
            case .after(let pause): isCalled = try await wait(until: clock.now() + pause)
            case .at(let instant): isCalled = try await wait(until: instant)
            case .atSignal: isCalled = try await wait(until: nil)
            case .never: return
            }
        }
    }

    private func wait(until instant: ContinuousClock.Instant?) async throws -> Bool {
        if shortestPause > .zero {
            let earliest = clock.now() + shortestPause
            try await clock.sleep(until: min(instant ?? earliest, earliest))
        }
        let isCalled = try await clock.sleep(until: instant, wokenBy: signal)
        if isCalled, delay > .zero {
            let later = clock.now() + delay
            try await clock.sleep(until: min(instant ?? later, later))
        }
        return isCalled
    }
}
