import HarborFleetTesting
import StoreCache
import Supervision
import Synchronization
import Testing

@testable import HarborFleet

@Suite(.timeLimit(.minutes(1))) struct RecorderTests {
    private let store = MemoryFixStore()
    private let clock = ManualClock()

    private func submit(_ post: PendingPost, _ recorder: FixRecorder) async throws -> PostOutcome {
        try await recorder.submit(recorder.admit(post))
    }

    /// Runs `body` beside a running recorder.
    /// - Parameter units: the number of transactions under way at once; nil for that of the configuration.
    private func withRecorder(
        _ configuration: RecorderConfiguration = RecorderConfiguration(), units: Int? = nil,
        _ body: (FixRecorder) async throws -> Void
    ) async throws {
        var configuration = configuration
        if let units { configuration.unitsInFlight = units }
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
            let post = try Samples.pendingPost("a", fixes: 3)
            #expect(try await submit(post, recorder) == PostOutcome(accepted: 3, duplicates: 0))
            #expect(store.count == 3)
            let repeated = try Samples.pendingPost("a", fixes: 3)
            #expect(try await submit(repeated, recorder) == PostOutcome(accepted: 0, duplicates: 3))
            #expect(recorder.queuedRows == 0)
        }
    }

    @Test func submit_groupsPosts_thatArriveWhileBatchesAreUnderWay() async throws {
        let gate = store.holdingRecording()
        try await withRecorder(units: 2) { recorder in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<2 {
                    let post = try Samples.pendingPost("first\(index)")
                    group.addTask { _ = try await recorder.submit(recorder.admit(post)) }
                    await gate.waitForArrivals(index + 1)
                }
                for index in 0..<50 {
                    let admission = try recorder.admit(try Samples.pendingPost("v\(index)"))
                    group.addTask { _ = try await recorder.submit(admission) }
                }
                await recorder.waitForPosts(50)
                gate.open()
                try await group.waitForAll()
            }
        }
        #expect(store.units == [1, 1, 50])
        #expect(store.count == 52)
    }

    /// Submits POSTs of vehicles of these names as one batch. Returns which of them became durable, and the sizes of
    /// the batches that were tried.
    private func outcomes(of names: [String], failing: String, as kind: StoreError.Kind) async throws -> (
        durable: [String], units: [Int]
    ) {
        let failing = try Samples.vehicle(failing)
        let gate = store.holdingRecording()
        store.failRecording { posts in
            let fails = posts.contains { $0.fixes.contains { $0.fix.vehicleID == failing } }
            return fails ? StoreError(kind, detail: "22P05") : nil
        }
        var durable: [String] = []
        try await withRecorder(units: 1) { recorder in
            durable = try await withThrowingTaskGroup(of: String?.self) { group in
                for name in ["first"] + names {
                    let admission = try recorder.admit(try Samples.pendingPost(name))
                    group.addTask { (try? await recorder.submit(admission)) == nil ? nil : name }
                    if name == "first" { await gate.waitForArrivals(1) }
                }
                await recorder.waitForPosts(names.count)
                gate.open()
                return try await group.reduce(into: []) { if let name = $1 { $0.append(name) } }
            }
            #expect(recorder.queuedRows == 0)
        }
        return (durable.sorted(), store.units)
    }

    /// Submits POSTs, all but the first as one batch. Returns the errors of those that fail.
    private func failures(
        of count: Int, in recorder: FixRecorder, behind gate: Gate
    ) async throws -> [FleetError] {
        try await withThrowingTaskGroup(of: Result<PostOutcome, FleetError>.self) { group in
            for index in 0..<count {
                let admission = try recorder.admit(try Samples.pendingPost("v\(index)"))
                group.addTask { await recorder.result(of: admission) }
                if index == 0 { await gate.waitForArrivals(1) }
            }
            await recorder.waitForPosts(count - 1)
            gate.open()
            return try await group.reduce(into: []) { failures, result in
                if case .failure(let error) = result { failures.append(error) }
            }
        }
    }

    @Test func submit_findsTheRejectedPostByHalves_andFailsItAlone() async throws {
        let names = (10..<74).map { "v\($0)" }
        let (durable, units) = try await outcomes(of: names, failing: "v29", as: .rejected)
        #expect(durable == ["first"] + names.filter { $0 != "v29" })
        #expect(units == [1, 64, 32, 16, 16, 8, 4, 2, 2, 1, 1, 4, 8, 32])
    }

    @Test func submit_splitsTheBatch_whenAPostIsNotYetStorable() async throws {
        let (durable, _) = try await outcomes(of: ["a", "b", "c"], failing: "b", as: .notYet)
        #expect(durable == ["a", "c", "first"])
    }

    @Test func submit_splitsNothing_whenTheStoreIsAway() async throws {
        let (durable, units) = try await outcomes(of: ["a", "b", "c", "d"], failing: "b", as: .unavailable)
        #expect(durable == ["first"])
        #expect(units == [1, 4])
    }

    @Test func submit_givesUpTheRest_whenTheStoreGoesAwayDuringASplit() async throws {
        let gate = store.holdingRecording()
        store.failRecording { posts in
            switch posts.count {
            case 4: StoreError(.rejected, detail: "22P05")
            case 2: StoreError(.unavailable, detail: "gone")
            default: nil
            }
        }
        try await withRecorder(units: 1) { recorder in
            let reasons = try await failures(of: 5, in: recorder, behind: gate)
            #expect(reasons == Array(repeating: .unavailable(retryAfter: .seconds(1)), count: 4))
        }
        #expect(store.units == [1, 4, 2])
    }

    @Test func submit_isOverloaded_whenThePostHasWaitedTooLong() async throws {
        let gate = store.holdingRecording()
        try await withRecorder(units: 1) { recorder in
            let first = try recorder.admit(try Samples.pendingPost("first"))
            async let written = recorder.result(of: first)
            await gate.waitForArrivals(1)
            let late = try recorder.admit(try Samples.pendingPost("late"))
            async let refused = recorder.result(of: late)
            await recorder.waitForPosts(1)
            clock.advance(by: .seconds(4))
            gate.open()
            let response = await refused
            #expect(response == .failure(.overloaded(retryAfter: .seconds(1))))
            let other = await written
            #expect(other == .success(PostOutcome(accepted: 1, duplicates: 0)))
        }
        #expect(store.count == 1)
        #expect(store.units == [1])
    }

    @Test func submit_countsFromTheArrivalOfThePost() async throws {
        try await withRecorder { recorder in
            for (waited, isTaken) in [(Duration.milliseconds(3_999), true), (.seconds(4), false)] {
                let admission = try recorder.admit(try Samples.pendingPost("a"))
                let deadline = Deadline(at: recorder.deadline.instant - waited, by: clock)
                #expect(
                    await recorder.result(of: admission, by: deadline)
                        == (isTaken
                            ? .success(PostOutcome(accepted: 1, duplicates: 0))
                            : .failure(.overloaded(retryAfter: .seconds(1)))))
            }
        }
    }

    @Test func submit_isUnavailable_whenItsBatchTakesTooLong() async throws {
        let gate = store.holdingRecording()
        try await withRecorder { recorder in
            let post = try Samples.pendingPost("a")
            let admission = try recorder.admit(post)
            async let response = recorder.result(of: admission)
            await gate.waitForArrivals(1)
            await clock.waitForSleepers(1)
            clock.advance(by: .seconds(5))
            #expect(await response == .failure(.unavailable(retryAfter: .seconds(1))))
            #expect(store.count == 0)
            #expect(throws: FleetError.unavailable(retryAfter: .seconds(1))) { try recorder.admit(post) }
            gate.open()
            await recorder.waitForStore()
            // The post was stored after its sender had got the failure.
            #expect(try await submit(post, recorder) == PostOutcome(accepted: 1, duplicates: 0))
            #expect(store.count == 1)
        }
    }

    @Test func waitingPost_isUnavailable_whenTheBatchBeforeTakesTooLong() async throws {
        let gate = store.holdingRecording()
        try await withRecorder(units: 1) { recorder in
            let first = try recorder.admit(try Samples.pendingPost("first"))
            async let one = recorder.result(of: first)
            await gate.waitForArrivals(1)
            await clock.waitForSleepers(1)
            clock.advance(by: .seconds(1))
            let second = try recorder.admit(try Samples.pendingPost("second"))
            async let other = recorder.result(of: second)
            await recorder.waitForPosts(1)
            clock.advance(by: .seconds(4))
            for response in await [one, other] {
                #expect(response == .failure(.unavailable(retryAfter: .seconds(1))))
            }
            gate.open()
        }
        #expect(store.units == [1])
    }

    @Test func submit_isAnsweredInTime_whileItsBatchIsSplit() async throws {
        let (first, second) = (Gate(), Gate())
        let store = store
        // The store and the hook refer to each other.
        defer { store.holdRecording(nil) }
        store.holdRecording {
            switch store.units.last {
            case 1: await first.pass()
            case 2: await second.pass()
            default: break
            }
        }
        store.failRecording { posts in posts.count > 1 ? StoreError(.rejected, detail: "22P05") : nil }
        try await withRecorder(units: 1) { recorder in
            async let opening = recorder.result(of: try recorder.admit(Samples.pendingPost("opening")))
            await first.waitForArrivals(1)
            try await withThrowingTaskGroup(of: Result<PostOutcome, FleetError>.self) { group in
                for index in 0..<4 {
                    let admission = try recorder.admit(try Samples.pendingPost("v\(index)"))
                    group.addTask { await recorder.result(of: admission) }
                }
                await recorder.waitForPosts(4)
                first.open()
                await second.waitForArrivals(1)
                await clock.waitForSleepers(1)
                clock.advance(by: .seconds(5))
                for try await result in group {
                    #expect(result == .failure(.unavailable(retryAfter: .seconds(1))))
                }
            }
            #expect(try await opening == .success(PostOutcome(accepted: 1, duplicates: 0)))
            second.open()
            await recorder.waitForStore()
            #expect(try await submit(Samples.pendingPost("after"), recorder).accepted == 1)
        }
        #expect(store.units == [1, 4, 2, 1])
    }

    @Test func breaker_refusesTheNextPost_whenTheStoreIsAway() async throws {
        store.failRecording { _ in StoreError(.unavailable, detail: "gone") }
        try await withRecorder { recorder in
            let unavailable = FleetError.unavailable(retryAfter: .seconds(1))
            await #expect(throws: unavailable) { try await submit(Samples.pendingPost("a"), recorder) }
            #expect(throws: unavailable) { try recorder.admit(Samples.pendingPost("a")) }
            clock.advance(by: .seconds(1))
            await #expect(throws: unavailable) { try await submit(Samples.pendingPost("a"), recorder) }
            #expect(throws: unavailable) { try recorder.admit(Samples.pendingPost("a")) }
            store.failRecording(nil)
            clock.advance(by: .seconds(1))
            let outcome = try await submit(Samples.pendingPost("a"), recorder)
            #expect(outcome.accepted == 1)
        }
        #expect(store.units.count == 3)
    }

    @Test func waitingPosts_areUnavailableAtOnce_whenABatchFindsTheStoreAway() async throws {
        let gate = store.holdingRecording()
        store.failRecording { _ in StoreError(.unavailable, detail: "gone") }
        try await withRecorder(units: 1) { recorder in
            let reasons = try await failures(of: 5, in: recorder, behind: gate)
            #expect(reasons.count == 5)
            #expect(recorder.queuedRows == 0)
        }
        #expect(store.units.count == 1)
    }

    @Test func breaker_letsOnePostTry_afterItsPause() throws {
        var state = RecorderState<Int>(RecorderConfiguration())
        let start = ContinuousClock.now
        state.started()
        let error = StoreError(.unavailable, detail: "gone")
        let failed = state.unitFailed(error, at: start)
        #expect(failed.isEmpty)
        #expect(state.storeFailure == StoreFailure(error: error, at: start))
        #expect(state.roomWanted(rows: 1, bytes: 1, now: start + .milliseconds(999)) == .breakerOpen)
        #expect(state.roomWanted(rows: 1, bytes: 1, now: start + .seconds(1)) == nil)
        #expect(state.roomWanted(rows: 1, bytes: 1, now: start + .seconds(9)) == .breakerOpen)
        state.roomReturned(rows: 1, bytes: 1)
        #expect(state.roomWanted(rows: 1, bytes: 1, now: start + .seconds(9)) == nil)
        state.unitSucceeded()
        #expect(state.storeFailure == nil)
        for _ in 0..<2 { #expect(state.roomWanted(rows: 1, bytes: 1, now: start + .seconds(9)) == nil) }
    }

    @Test func admit_isOverloaded_whileTheRoomIsTaken() async throws {
        var configuration = RecorderConfiguration()
        configuration.maximumRows = 10
        try await withRecorder(configuration) { recorder in
            var admission: Admission? = try recorder.admit(Samples.pendingPost("a", fixes: 8))
            #expect(throws: FleetError.overloaded(retryAfter: .seconds(1))) {
                try recorder.admit(Samples.pendingPost("b", fixes: 3))
            }
            #expect(recorder.queuedRows == 8)
            withExtendedLifetime(admission) {}
            admission = nil
            #expect(recorder.queuedRows == 0)
            let outcome = try await submit(Samples.pendingPost("b", fixes: 3), recorder)
            #expect(outcome.accepted == 3)
        }
    }

    /// A compressed body of a few bytes can become many.
    @Test func admit_countsHeldBytes_andNotThoseOfTheBody() async throws {
        var configuration = RecorderConfiguration()
        configuration.maximumBytes = 1_000_000
        var large = try Samples.pendingPost("a", fixes: 200)
        for index in large.fixes.indices {
            large.fixes[index].fix.attributes = [UInt8](repeating: 0x20, count: 2_000)
        }
        #expect(large.bodyBytes == 100 && large.heldBytes == 100 + 200 * (2_000 + 512))
        try await withRecorder(configuration) { recorder in
            var admission: Admission? = try recorder.admit(large)
            #expect(throws: FleetError.overloaded(retryAfter: .seconds(1))) { try recorder.admit(large) }
            _ = try recorder.admit(Samples.pendingPost("b"))
            withExtendedLifetime(admission) {}
            admission = nil
            _ = try recorder.admit(large)
        }
    }

    /// The bytes that count for a fix cover its values, here and in the decoded batch.
    @Test func bytesPerFix_coverTheValues() {
        let values = MemoryLayout<StoredFix>.stride + MemoryLayout<NumberedFix>.stride
        #expect(values + 64 + 2 * 32 <= PendingPost.bytesPerFix)
    }

    @Test func admit_isUnavailable_whileTheRecorderDoesNotRun() async throws {
        let recorder = FixRecorder(store: store, clock: clock)
        #expect(throws: FleetError.unavailable(retryAfter: .seconds(1))) {
            try recorder.admit(Samples.pendingPost("a"))
        }
    }
}
