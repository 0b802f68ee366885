import HarborFleetTesting
import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1))) struct WokenSleepTests {
    private let clock = ManualClock()
    private let signal = Signal()

    private func sleeper(_ deadline: Duration?) -> Task<Bool, any Error> {
        let until = deadline.map { clock.now() + $0 }
        return Task { [clock, signal] in try await clock.sleep(until: until, wokenBy: signal) }
    }

    @Test func sleep_endsAtItsDeadline_andLeavesNothingBehind() async throws {
        let task = sleeper(.seconds(10))
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(10))
        #expect(try await !task.value)
        #expect(clock.sleepers == 0)
        signal.raise()
        #expect(signal.raised.count == 1)
    }

    @Test func sleep_ends_whenTheSignalIsRaised() async throws {
        let task = sleeper(.seconds(10))
        await clock.waitForSleepers(1)
        signal.raise()
        #expect(try await task.value)
        #expect(clock.sleepers == 0 && signal.raised.count == 0)
    }

    @Test func sleep_endsAtOnce_whenTheSignalIsAlreadyRaised() async throws {
        for deadline in [Duration.seconds(10), nil] {
            signal.raise()
            #expect(try await sleeper(deadline).value)
            #expect(signal.raised.count == 0)
        }
    }

    @Test func sleep_ends_whenItsTaskIsCancelled() async throws {
        for deadline in [Duration.seconds(10), nil] {
            let task = sleeper(deadline)
            if deadline != nil { await clock.waitForSleepers(1) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(clock.sleepers == 0)
        }
    }
}
