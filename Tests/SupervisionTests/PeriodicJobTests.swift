import HarborFleetTesting
import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1))) struct PeriodicJobTests {
    private struct Failure: Error {}

    private let clock = ManualClock()
    private let signal = Signal()
    /// Whether the signal began each run.
    private let runs = EventRecorder<Bool>()

    /// A job whose runs return `nexts` in order, and then always the last one.
    private func job(
        afterDelayOf delay: Duration = .zero, pausingAtLeast shortestPause: Duration = .zero,
        _ nexts: PeriodicJob.Next...
    ) -> Task<Void, any Error> {
        let job = PeriodicJob(
            wokenBy: signal, afterDelayOf: delay, pausingAtLeast: shortestPause, clock: clock)
        return Task { [runs] in
            var number = 0
            try await job.run { isCalled in
                runs.record(isCalled)
                defer { number += 1 }
                return nexts[min(number, nexts.count - 1)]
            }
        }
    }

    @Test func run_decidesWhenTheNextOneBegins() async throws {
        let job = job(.after(.seconds(10)), .at(clock.now() + .seconds(30)), .never)
        await clock.waitForSleepers(1)
        clock.advance(by: .milliseconds(9_999))
        #expect(runs.events.count == 1)
        clock.advance(by: .milliseconds(1))
        await runs.wait { $0.count == 2 }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(20))
        try await job.value
        #expect(runs.events == [false, false, false])
    }

    @Test func signal_beginsTheNextRunAtOnce() async throws {
        let job = job(.after(.seconds(10)), .atSignal, .never)
        await clock.waitForSleepers(1)
        signal.raise()
        await runs.wait { $0.count == 2 }
        signal.raise()
        try await job.value
        #expect(runs.events == [false, true, true] && clock.sleepers == 0)
    }

    @Test func signal_doesNotShortenTheShortestPause() async throws {
        let job = job(pausingAtLeast: .seconds(2), .after(.seconds(10)), .after(.seconds(1)), .never)
        await clock.waitForSleepers(1)
        signal.raise()
        clock.advance(by: .milliseconds(1_999))
        await Task.yield()
        #expect(runs.events.count == 1)
        clock.advance(by: .milliseconds(1))
        await runs.wait { $0.count == 2 }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(1))
        try await job.value
        #expect(runs.events == [false, true, false])
    }

    @Test func run_servesAllSignalsOfTheDelay() async throws {
        let job = job(afterDelayOf: .seconds(2), .atSignal, .never)
        await runs.wait { $0.count == 1 }
        signal.raise()
        await clock.waitForSleepers(1)
        signal.raise()
        clock.advance(by: .milliseconds(1_999))
        await Task.yield()
        #expect(runs.events.count == 1)
        clock.advance(by: .milliseconds(1))
        try await job.value
        #expect(runs.events == [false, true])
    }

    @Test func job_ends_withItsTaskOrAnErrorOfARun() async throws {
        let job = job(.after(.seconds(10)))
        await clock.waitForSleepers(1)
        job.cancel()
        await #expect(throws: CancellationError.self) { try await job.value }
        await #expect(throws: Failure.self) { try await PeriodicJob().run { throw Failure() } }
    }
}
