import HarborFleetTesting
import Testing

@testable import HarborFleetAPI

@Suite(.timeLimit(.minutes(1))) struct SingleFlightTests {
    private let work = SingleFlight<String, Int>(width: 2)

    @Test func slowKey_delaysNoOther_andIsForgottenAfterItsLastCaller() async throws {
        let (opened, gate) = AsyncStream<Void>.makeStream()
        async let slow = work.value(for: "slow", if: { _ in true }) {
            for await _ in opened {}
            return 1
        }
        await work.waitForCallers(1, for: "slow")
        for number in 0..<3 {
            let value = try await work.value(for: "other", if: { _ in true }) { number }
            #expect(value == number, "a value without waiting callers was kept")
        }
        #expect(work.count == 1)
        gate.finish()
        #expect(try await slow == 1)
        #expect(work.count == 0)
    }

    @Test func waitingCaller_takesAFittingValue_orMakesANewOne() async throws {
        let (opened, gate) = AsyncStream<Void>.makeStream()
        let made = EventRecorder<Int>()
        async let first = work.value(for: "a", if: { _ in true }) {
            for await _ in opened {}
            return 0
        }
        await work.waitForCallers(1, for: "a")
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for least in [0, 0, 5, 0, 5] {
                group.addTask { [work, made] in
                    try await work.value(for: "a", if: { $0 >= least }) {
                        made.record(least)
                        return 5
                    }
                }
            }
            await work.waitForCallers(6, for: "a")
            gate.finish()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(try await first == 0)
        #expect(made.events.count == 1 && values.count { $0 == 5 } >= 2)
    }

    @Test func cancelledCaller_makesNothing_andLeaves() async throws {
        let (opened, gate) = AsyncStream<Void>.makeStream()
        async let first = work.value(for: "a", if: { _ in false }) {
            for await _ in opened {}
            return 0
        }
        await work.waitForCallers(1, for: "a")
        let gone = Task { [work] in
            try await work.value(for: "a", if: { _ in false }) {
                Issue.record("it was made")
                return 1
            }
        }
        await work.waitForCallers(2, for: "a")
        gone.cancel()
        gate.finish()
        _ = try await first
        await #expect(throws: CancellationError.self) { try await gone.value }
        #expect(work.count == 0)
    }
}

extension SingleFlight {
    /// The number of keys that have callers.
    var count: Int { flights.withLock { $0.count } }

    /// Returns once `count` callers wait for a key or make its value. This is a poll, because no event says that a
    /// caller begins to wait.
    func waitForCallers(_ count: Int, for key: Key) async {
        while flights.withLock({ $0[key]?.callers ?? 0 }) < count { await Task.yield() }
    }
}
