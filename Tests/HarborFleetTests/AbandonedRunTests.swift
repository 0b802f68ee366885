import HarborFleetTesting
import Testing

@testable import HarborFleet

/// A recorder that starts again while a batch of its last run is still under way.
@Suite(.timeLimit(.minutes(1))) struct AbandonedRunTests {
    private let store = MemoryFixStore()
    private let clock = ManualClock()

    private func result(
        _ post: PendingPost, _ recorder: FixRecorder
    ) async throws -> Result<PostOutcome, FleetError> {
        await recorder.result(of: try recorder.admit(post))
    }

    private func started(_ recorder: FixRecorder) async -> Task<Void, any Error> {
        let (ready, tell) = AsyncStream<Void>.makeStream()
        let run = Task { try await recorder.run { tell.finish() } }
        for await _ in ready {}
        return run
    }

    @Test func batchOfAnAbandonedRun_countsUntilItEnds_andItsPostGetsItsResponseInTime() async throws {
        let gate = store.holdingRecording()
        var configuration = RecorderConfiguration()
        configuration.unitsInFlight = 1
        let recorder = FixRecorder(store: store, configuration: configuration, clock: clock)
        let first = await started(recorder)
        async let old = result(try Samples.pendingPost("old"), recorder)
        await gate.waitForArrivals(1)
        first.cancel()
        let second = await started(recorder)

        async let waiting = result(try Samples.pendingPost("waiting"), recorder)
        await recorder.waitForPosts(1)
        // No event says that the second batch does not begin, so it gets time to.
        for _ in 0..<1_000 { await Task.yield() }
        #expect(store.units == [1], "a second batch began beside the one under way")
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(5))
        #expect(try await old == .failure(.unavailable(retryAfter: .seconds(1))))
        #expect(try await waiting == .failure(.overloaded(retryAfter: .seconds(1))))

        gate.open()
        try await first.value
        clock.advance(by: .seconds(1))
        let next = try await result(try Samples.pendingPost("next"), recorder)
        #expect(next == .success(PostOutcome(accepted: 1, duplicates: 0)))
        second.cancel()
        try await second.value
        #expect(store.units == [1, 1])
    }
}
