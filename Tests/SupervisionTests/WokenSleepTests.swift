import HarborFleetTesting
import Testing

@testable import Supervision

@Suite("Sleep that can be woken", .timeLimit(.minutes(1)))
struct WokenSleepTests {
    private let clock = ManualClock()
    private let wakeUps = Mailbox<Void>(capacity: 1)

    private func sleeper(_ deadline: Duration?) -> Task<Void, any Error> {
        let until = deadline.map { clock.now() + $0 }
        return Task { [clock, wakeUps] in try await clock.sleep(until: until, wokenBy: wakeUps) }
    }

    @Test func `It ends at its deadline, and leaves no sleeper and no receiver`() async throws {
        let task = sleeper(.seconds(10))
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(10))
        try await task.value
        #expect(clock.sleepers == 0)
        #expect(wakeUps.send(()) && wakeUps.count == 1)
    }

    @Test func `A message ends it before its deadline`() async throws {
        let task = sleeper(.seconds(10))
        await clock.waitForSleepers(1)
        #expect(wakeUps.send(()))
        try await task.value
        #expect(clock.sleepers == 0 && wakeUps.count == 0)
    }

    @Test func `A message that came first ends it at once, also without a deadline`() async throws {
        for deadline in [Duration.seconds(10), nil] {
            #expect(wakeUps.send(()))
            try await sleeper(deadline).value
            #expect(wakeUps.count == 0)
        }
    }

    @Test func `Cancellation ends it`() async throws {
        for deadline in [Duration.seconds(10), nil] {
            let task = sleeper(deadline)
            if deadline != nil { await clock.waitForSleepers(1) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(clock.sleepers == 0)
        }
    }
}
