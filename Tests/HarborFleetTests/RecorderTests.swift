import HarborFleetTesting
import Supervision
import Synchronization
import Testing

@testable import HarborFleet

@Suite(.timeLimit(.minutes(1))) struct RecorderTests {
    private let store = MemoryFixStore()
    private let clock = ManualClock()

    private func post(_ vehicle: String, fixes: Int = 1, from start: Int = 0) throws -> PendingPost {
        PendingPost(
            postID: .make(at: Samples.now), fleetID: try Samples.fleet(), receivedAt: Samples.now,
            bodyBytes: 100,
            fixes: try (0..<fixes).map { try Samples.fix(vehicle, at: Double(start + $0)) })
    }

    private func submit(_ post: PendingPost, _ recorder: FixRecorder) async throws -> PostOutcome {
        try await recorder.submit(recorder.admit(post))
    }

    /// Runs `body` beside a running recorder.
    private func withRecorder(
        _ configuration: RecorderConfiguration = RecorderConfiguration(),
        _ body: (FixRecorder) async throws -> Void
    ) async throws {
        let recorder = FixRecorder(store: store, configuration: configuration, clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (ready, tell) = AsyncStream<Void>.makeStream()
            group.addTask { try await recorder.run { tell.finish() } }
            for await _ in ready {}
            try await body(recorder)
            group.cancelAll()
        }
    }

    @Test func submit_returnsOnceThePostIsDurable_andCountsRepeats() async throws {
        try await withRecorder { recorder in
            let post = try post("a", fixes: 3)
            #expect(try await submit(post, recorder) == PostOutcome(accepted: 3, duplicates: 0))
            #expect(store.count == 3)
            #expect(try await submit(post, recorder) == PostOutcome(accepted: 0, duplicates: 3))
            #expect(recorder.queuedRows == 0)
        }
    }

    @Test func submit_groupsWhatArrived_whileTheLastUnitsWereUnderWay() async throws {
        let gate = Gate()
        store.holdRecording { await gate.pass() }
        try await withRecorder { recorder in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<2 {
                    let post = try post("first\(index)")
                    group.addTask { _ = try await recorder.submit(recorder.admit(post)) }
                    await gate.waitForArrivals(index + 1)
                }
                for index in 0..<50 {
                    let admission = try recorder.admit(try post("v\(index)"))
                    group.addTask { _ = try await recorder.submit(admission) }
                }
                while recorder.waitingPosts < 50 { await Task.yield() }
                gate.open()
                try await group.waitForAll()
            }
        }
        #expect(store.units == [1, 1, 50])
        #expect(store.count == 52)
    }

    @Test func submit_triesEachPostAlone_whenTheStoreRefusesTheUnit() async throws {
        let poison = try Samples.vehicle("poison")
        let gate = Gate()
        store.holdRecording { await gate.pass() }
        store.failRecording { posts in
            let isPoisoned = posts.contains { $0.fixes.contains { $0.fix.vehicleID == poison } }
            return isPoisoned ? StoreError(.rejected, detail: "22P05") : nil
        }
        var configuration = RecorderConfiguration()
        configuration.unitsInFlight = 1
        try await withRecorder(configuration) { recorder in
            let results = try await withThrowingTaskGroup(of: (String, Bool).self) { group in
                for name in ["first", "a", "poison", "b"] {
                    let admission = try recorder.admit(try post(name))
                    group.addTask {
                        do { _ = try await recorder.submit(admission) } catch { return (name, false) }
                        return (name, true)
                    }
                    if name == "first" { await gate.waitForArrivals(1) }
                }
                while recorder.waitingPosts < 3 { await Task.yield() }
                gate.open()
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(results == ["first": true, "a": true, "poison": false, "b": true])
        }
        #expect(store.count == 3)
    }

    @Test func submit_isUnavailable_whenTheStoreIs_andTheBreakerRefusesTheNext() async throws {
        store.failRecording { _ in StoreError(.unavailable, detail: "gone") }
        try await withRecorder { recorder in
            let unavailable = RecorderError.unavailable(retryAfter: .seconds(1))
            await #expect(throws: unavailable) { try await submit(post("a"), recorder) }
            #expect(throws: unavailable) { try recorder.admit(post("a")) }
            clock.advance(by: .seconds(1))
            await #expect(throws: unavailable) { try await submit(post("a"), recorder) }
            #expect(throws: unavailable) { try recorder.admit(post("a")) }
            store.failRecording(nil)
            clock.advance(by: .seconds(1))
            let outcome = try await submit(post("a"), recorder)
            #expect(outcome.accepted == 1)
        }
        #expect(store.units.count == 3)
    }

    @Test func whoWaits_isUnavailableAtOnce_whenAUnitFailsForWantOfTheStore() async throws {
        let gate = Gate()
        store.holdRecording { await gate.pass() }
        store.failRecording { _ in StoreError(.unavailable, detail: "gone") }
        var configuration = RecorderConfiguration()
        configuration.unitsInFlight = 1
        try await withRecorder(configuration) { recorder in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<5 {
                    let admission = try recorder.admit(try post("v\(index)"))
                    group.addTask { (try? await recorder.submit(admission)) != nil }
                    if index == 0 { await gate.waitForArrivals(1) }
                }
                while recorder.waitingPosts < 4 { await Task.yield() }
                gate.open()
                for try await isDurable in group { #expect(!isDurable) }
            }
            #expect(recorder.queuedRows == 0)
        }
        #expect(store.units.count == 1)
    }

    @Test func afterItsPause_theBreakerLetsOneTry_andAnotherWhenThatOneIsLetGo() throws {
        var state = RecorderState<Int>(RecorderConfiguration())
        let start = ContinuousClock.now
        state.started()
        let failed = state.unitFailed(at: start)
        #expect(failed.isEmpty)
        #expect(state.roomWanted(rows: 1, bytes: 1, now: start + .milliseconds(999)) == .breakerOpen)
        #expect(state.roomWanted(rows: 1, bytes: 1, now: start + .seconds(1)) == nil)
        #expect(state.roomWanted(rows: 1, bytes: 1, now: start + .seconds(9)) == .breakerOpen)
        state.roomReturned(rows: 1, bytes: 1)
        #expect(state.roomWanted(rows: 1, bytes: 1, now: start + .seconds(9)) == nil)
        state.unitSucceeded()
        for _ in 0..<2 { #expect(state.roomWanted(rows: 1, bytes: 1, now: start + .seconds(9)) == nil) }
    }

    @Test func admit_isOverloaded_whenTheRoomIsTaken_andRoomComesBack() async throws {
        var configuration = RecorderConfiguration()
        configuration.maximumRows = 10
        try await withRecorder(configuration) { recorder in
            var admission: Admission? = try recorder.admit(post("a", fixes: 8))
            #expect(throws: RecorderError.overloaded(retryAfter: .seconds(1))) {
                try recorder.admit(post("b", fixes: 3))
            }
            #expect(recorder.queuedRows == 8)
            withExtendedLifetime(admission) {}
            admission = nil
            #expect(recorder.queuedRows == 0)
            let outcome = try await submit(post("b", fixes: 3), recorder)
            #expect(outcome.accepted == 3)
        }
    }

    @Test func admit_isUnavailable_whileTheRecorderDoesNotRun() async throws {
        let recorder = FixRecorder(store: store, clock: clock)
        #expect(throws: RecorderError.unavailable(retryAfter: .seconds(1))) { try recorder.admit(post("a")) }
    }

    @Test func takeUnit_splitsAtTheSizeOfAUnit_butTakesOnePostAtLeast() throws {
        var state = RecorderState<Int>(RecorderConfiguration())
        state.started()
        for (index, fixes) in [900, 900, 300, 2500, 1].enumerated() {
            let post = try post("v", fixes: fixes)
            #expect(state.roomWanted(rows: fixes, bytes: 1, now: .now) == nil)
            let isTaken = state.submitted(.init(post: post, waiter: index))
            #expect(isTaken)
        }
        var units: [[Int]] = []
        while case let unit = state.takeUnit(), !unit.isEmpty { units.append(unit.map(\.waiter)) }
        #expect(units == [[0, 1], [2], [3], [4]])
    }
}
