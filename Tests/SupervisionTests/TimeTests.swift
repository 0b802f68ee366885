import HarborFleetTesting
import Testing

@testable import Supervision

@Suite("Back-off")
struct BackoffTests {
    private let backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(3))

    @Test(arguments: [
        (0, Duration.zero), (1, .milliseconds(100)), (2, .milliseconds(200)), (5, .milliseconds(1_600)),
        (6, .seconds(3)), (1_000, .seconds(3)),
    ])
    func `The wait doubles up to its maximum`(_ failures: Int, _ delay: Duration) {
        #expect(backoff.delay(afterFailures: failures) == delay)
    }

    @Test func `Jitter takes up to half of the wait`() {
        #expect(backoff.delay(afterFailures: 1, jitter: 0) == .milliseconds(50))
        #expect(backoff.delay(afterFailures: 1, jitter: 1) == .milliseconds(100))
        #expect(backoff.delay(afterFailures: 1_000, jitter: 1) == .seconds(3))
    }
}

@Suite("Deadline", .timeLimit(.minutes(1)))
struct DeadlineTests {
    private let clock = ManualClock()

    @Test func `It is over when its time has gone by`() {
        let deadline = Deadline(after: .seconds(5), by: clock)
        clock.advance(by: .milliseconds(4_999))
        #expect(!deadline.isOver && deadline.left == .milliseconds(1))
        clock.advance(by: .milliseconds(2))
        #expect(deadline.isOver && deadline.left == .milliseconds(-1))
    }

    @Test func `It cancels what does not end in time, by the margin before`() async throws {
        let deadline = Deadline(after: .seconds(5), by: clock)
        let late = Task { try await deadline.limit(leaving: .seconds(1)) { await cancellation() } }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(4))
        #expect(try await late.value == nil)
        #expect(try await deadline.limit { 7 } == 7)
        #expect(clock.sleepers == 0)
    }

    @Test func `The caller's cancellation is no lapse of time`() async throws {
        let deadline = Deadline(after: .seconds(5), by: clock)
        let waiting = Task { [clock] in
            try await deadline.limit { try await clock.sleep(until: clock.now() + .seconds(1)) }
        }
        await clock.waitForSleepers(2)
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }
}
