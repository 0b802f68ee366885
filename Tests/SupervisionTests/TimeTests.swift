import HarborFleetTesting
import Testing

@testable import Supervision

@Suite struct BackoffTests {
    private let backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(3))

    @Test(arguments: [
        (0, Duration.zero), (1, .milliseconds(100)), (2, .milliseconds(200)), (5, .milliseconds(1_600)),
        (6, .seconds(3)), (1_000, .seconds(3)),
    ])
    func delay_doublesUpToItsMaximum(_ failures: Int, _ delay: Duration) {
        #expect(backoff.delay(afterFailures: failures) == delay)
    }

    @Test func jitter_takesUpToHalfOfTheDelay() {
        #expect(backoff.delay(afterFailures: 1, jitter: 0) == .milliseconds(50))
        #expect(backoff.delay(afterFailures: 1, jitter: 1) == .milliseconds(100))
        #expect(backoff.delay(afterFailures: 1_000, jitter: 1) == .seconds(3))
    }
}

@Suite(.timeLimit(.minutes(1))) struct DeadlineTests {
    private let clock = ManualClock()

    @Test func deadline_isOver_afterItsTime() {
        let deadline = Deadline(after: .seconds(5), by: clock)
        clock.advance(by: .milliseconds(4_999))
        #expect(!deadline.isOver && deadline.left == .milliseconds(1))
        clock.advance(by: .milliseconds(2))
        #expect(deadline.isOver && deadline.left == .milliseconds(-1))
    }

    @Test func limit_cancelsItsBody_whenItDoesNotEndInTime() async throws {
        let deadline = Deadline(after: .seconds(5), by: clock)
        let late = Task { try await deadline.limit(leaving: .seconds(1)) { await cancellation() } }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(4))
        #expect(try await late.value == nil)
        #expect(try await deadline.limit { 7 } == 7)
        #expect(clock.sleepers == 0)
    }

    @Test func limit_throwsCancellation_whenTheCallerIsCancelled() async throws {
        let deadline = Deadline(after: .seconds(5), by: clock)
        let waiting = Task { [clock] in
            try await deadline.limit { try await clock.sleep(until: clock.now() + .seconds(1)) }
        }
        await clock.waitForSleepers(2)
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }
}
