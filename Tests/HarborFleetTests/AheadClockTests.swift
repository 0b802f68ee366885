import HarborFleetTesting
import StoreCache
import Testing

@testable import HarborFleet

/// Device clocks that run ahead: by 2 s, which does not count, and by more than 30 s.
@Suite(.timeLimit(.minutes(1))) struct AheadClockTests {
    private func makeState() throws -> TrackerState {
        TrackerState(
            fleetID: try Samples.fleet(), epoch: "e1", generation: 1, rules: MotionRules(), now: Samples.now)
    }

    private func shown(_ state: TrackerState) throws -> Timestamp? {
        state.vehicles[try Samples.vehicle()]?.newest.fix.recordedAt
    }

    @Test(arguments: [(2.0, 3), (30.0, 31), (32.0, 31), (540.0, 31)])
    func vehicle_movesAgainAfter30Seconds_whenAFixWasAhead(ahead: Double, first: Int) throws {
        var state = try makeState()
        _ = state.fixesReceived([try Samples.fix(at: ahead, received: 0)], now: Samples.now)
        var moved: [Int] = []
        for second in 1...60 {
            let fix = try Samples.fix(at: Double(second), received: Double(second))
            if !state.fixesReceived([fix], now: fix.receivedAt).isEmpty { moved.append(second) }
        }
        #expect(moved == Array(first...60))
    }

    @Test func vehicle_movesWithEachFix_whenItsClockStaysAhead() throws {
        var state = try makeState()
        for second in 0..<20 {
            let fix = try Samples.fix(at: 540 + Double(second), received: Double(second))
            #expect(state.fixesReceived([fix], now: fix.receivedAt).count == 1)
        }
    }

    @Test func speed_isNotDerived_whenTheRecordedTimeGoesBack() throws {
        var state = try makeState()
        _ = state.fixesReceived(
            [
                try Samples.fix(at: 540, lat: 53.5, received: 0),
                try Samples.fix(at: 31, lat: 53.6, received: 31),
            ], now: Samples.time(31))
        let newest = try #require(state.vehicles[try Samples.vehicle()]?.newest)
        #expect(newest.fix.recordedAt == Samples.time(31))
        #expect(newest.derivedSpeedMetersPerSecond == nil)
    }

    @Test func laterReceivedFix_isTheNewest_inAnyOrderOfPosts() throws {
        for order in [[0, 1], [1, 0]] {
            var state = try makeState()
            let fixes = [try Samples.fix(at: 541, received: 1), try Samples.fix(at: 540, received: 2)]
            for place in order { _ = state.fixesReceived([fixes[place]], now: Samples.time(2)) }
            #expect(try shown(state) == Samples.time(540))
        }
    }

    @Test func rows_areMergedInTheSameOrder() throws {
        var state = try makeState()
        _ = state.fixesReceived([try Samples.fix(at: 540, received: 0)], now: Samples.now)
        for (row, expected) in [
            (try Samples.fix(at: 29, received: 29), 540.0), (try Samples.fix(at: 31, received: 31), 31),
            (try Samples.fix(at: 540, received: 0), 31),
        ] {
            state.rowsArrived([row], cutoff: Samples.time(-1000))
            while state.isMerging { _ = state.sliceMerged(limit: 10, now: Samples.time(31)) }
            #expect(try shown(state) == Samples.time(expected))
        }
    }

    @Test func repeatedFix_isNotAMove_whenItIsReceivedLater() throws {
        var state = try makeState()
        _ = state.fixesReceived([try Samples.fix(at: 540, received: 0)], now: Samples.now)
        let again = try Samples.fix(at: 540, received: 10)
        #expect(state.fixesReceived([again], now: Samples.time(10)).isEmpty)
    }

    // MARK: Through ingest

    private func with(
        fixes: MemoryFixStore = MemoryFixStore(), _ body: (FleetFixture, FleetID) async throws -> Void
    ) async throws {
        let id = try Samples.fleet()
        let fixture = FleetFixture(fleets: [id], fixes: fixes)
        try await fixture.run {
            _ = try await fixture.status(of: id)
            try await body(fixture, id)
        }
    }

    private func shown(_ fixture: FleetFixture, _ id: FleetID) throws -> Timestamp? {
        fixture.fleets.snapshot(of: id)?.vehicles[try Samples.vehicle()]?.newest.fix.recordedAt
    }

    /// The repeat comes while the fix is ahead, when it no longer is, and after its date.
    @Test(arguments: [(540.0, 60.0), (540, 520), (540, 545), (540, 600), (35, 32), (35, 40), (35, 4_000)])
    func repeatedAheadFix_doesNotMoveTheVehicle(ahead: Double, at: Double) async throws {
        try await with { fixture, id in
            try await fixture.ingest([try Samples.fix(at: ahead, received: 0)], into: id)
            await fixture.waitForSeq(1, of: id)
            #expect(try shown(fixture, id) == Samples.time(ahead))
            try await fixture.ingest([try Samples.fix(at: 31, received: 31)], into: id)
            await fixture.waitForSeq(2, of: id)
            let again = try await fixture.ingest([try Samples.fix(at: ahead, received: at)], into: id)
            #expect(again.accepted == 0 && again.duplicates == 1)
            // This fix is applied after everything that the repeat could have caused.
            try await fixture.ingest([try Samples.fix("other", at: at, received: at)], into: id)
            await fixture.waitForSeq(3, of: id)
            #expect(try shown(fixture, id) == Samples.time(31))
            #expect(fixture.fleets.snapshot(of: id)?.seq == 3)
            #expect(try await fixture.fixes.newest(of: id) == Samples.time(31))
        }
    }

    @Test func aheadFix_isShownAfterItsCommit_andOthersBefore() async throws {
        try await with { fixture, id in
            let gate = Gate()
            fixture.fixes.holdRecording { await gate.pass() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                let ahead = try Samples.fix("ahead", at: 540, received: 0)
                let slightly = try Samples.fix("slightly", at: 2, received: 0)
                group.addTask { try await fixture.ingest([ahead, slightly], into: id) }
                await fixture.waitForSeq(1, of: id)
                #expect(
                    fixture.fleets.snapshot(of: id)?.sortedVehicles.map(\.vehicleID.rawValue) == ["slightly"]
                )
                gate.open()
                try await group.waitForAll()
            }
            await fixture.waitForSeq(2, of: id)
            #expect(
                fixture.fleets.snapshot(of: id)?.sortedVehicles.map(\.vehicleID.rawValue)
                    == ["ahead", "slightly"])
        }
    }

    @Test func aheadFix_isNeverShown_whenItIsNotStored() async throws {
        try await with { fixture, id in
            fixture.fixes.failRecording { _ in StoreError(.rejected, detail: "no") }
            await #expect(throws: FleetError.self) {
                try await fixture.ingest([try Samples.fix(at: 540, received: 0)], into: id)
            }
            fixture.fixes.failRecording(nil)
            try await fixture.ingest([try Samples.fix("other", at: 1)], into: id)
            await fixture.waitForSeq(1, of: id)
            #expect(fixture.fleets.snapshot(of: id)?.vehicles.count == 1)
        }
    }

    /// A device sends its last fixes with each POST. The places in the POST tell the repeats from new fixes.
    @Test func newAheadFixes_areShownAlone_whenAPostRepeatsOthers() async throws {
        try await with { fixture, id in
            let first = [try Samples.fix(at: 540, received: 0), try Samples.fix("b", at: 541, received: 0)]
            try await fixture.ingest(first, into: id)
            await fixture.waitForSeq(2, of: id)
            let second = [
                try Samples.fix(at: 540, received: 40), try Samples.fix(at: 39, received: 40),
                try Samples.fix("b", at: 541, received: 40), try Samples.fix("b", at: 580, received: 40),
            ]
            let receipt = try await fixture.ingest(second, into: id)
            #expect(receipt.accepted == 2 && receipt.duplicates == 2)
            await fixture.waitForSeq(4, of: id)
            let snapshot = try #require(fixture.fleets.snapshot(of: id))
            #expect(
                snapshot.sortedVehicles.map(\.newest.fix.recordedAt) == [Samples.time(580), Samples.time(39)])
            #expect(snapshot.seq == 4)
        }
    }

    @Test func speed_isDerivedFromTheEarlierFix_besideARepeatedAheadFix() async throws {
        try await with { fixture, id in
            try await fixture.ingest([try Samples.fix(at: 540, lat: 50, received: 0)], into: id)
            await fixture.waitForSeq(1, of: id)
            try await fixture.ingest([try Samples.fix(at: 40, lat: 53.5, received: 40)], into: id)
            await fixture.waitForSeq(2, of: id)
            let again = [
                try Samples.fix(at: 540, lat: 50, received: 45),
                try Samples.fix(at: 45, lat: 53.5001, received: 45),
            ]
            try await fixture.ingest(again, into: id)
            await fixture.waitForSeq(3, of: id)
            let newest = try #require(
                fixture.fleets.snapshot(of: id)?.vehicles[try Samples.vehicle()]?.newest)
            let speed = try #require(newest.derivedSpeedMetersPerSecond)
            #expect(abs(speed - 2.224) < 0.001)
        }
    }

    /// The tracker that saw the ahead fix is gone, and the table has the later fix as the newest.
    @Test(arguments: [(540.0, 520.0), (540, 600), (540, 5_000), (35, 60)])
    func repeatedAheadFix_doesNotMoveTheVehicle_afterARestart(ahead: Double, at: Double) async throws {
        let store = MemoryFixStore()
        store.insert(
            [try Samples.fix(at: ahead, received: 0), try Samples.fix(at: 31, received: 31)],
            into: try Samples.fleet())
        try await with(fixes: store) { fixture, id in
            try await fixture.ingest([try Samples.fix(at: ahead, received: at)], into: id)
            try await fixture.ingest([try Samples.fix("other", at: at, received: at)], into: id)
            await fixture.waitForSeq(1, of: id)
            #expect(try shown(fixture, id) == Samples.time(31))
            // A live fix is still shown before its commit.
            let gate = Gate()
            fixture.fixes.holdRecording { await gate.pass() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                let live = try Samples.fix(at: at + 1, received: at + 1.5)
                group.addTask { try await fixture.ingest([live], into: id) }
                await fixture.waitForSeq(2, of: id)
                gate.open()
                try await group.waitForAll()
            }
        }
    }

    @Test func repeatedFix_doesNotMoveTheVehicle_whenAnotherServerStoredTheAheadFix() async throws {
        let store = MemoryFixStore()
        try await with(fixes: store) { fixture, id in
            try await fixture.ingest([try Samples.fix(at: -1_000)], into: id)
            await fixture.waitForSeq(1, of: id)
            fixture.wallClock.advance(by: .seconds(32))
            store.insert(
                [try Samples.fix(at: 540, received: 0), try Samples.fix(at: 31, received: 31)], into: id)
            await fixture.fleets.reconcile(id)
            await fixture.waitForSeq(2, of: id)
            try await fixture.ingest([try Samples.fix(at: 540, received: 600)], into: id)
            try await fixture.ingest([try Samples.fix("other", at: 600, received: 600)], into: id)
            await fixture.waitForSeq(3, of: id)
            #expect(try shown(fixture, id) == Samples.time(31))
        }
    }

    @Test func aheadFix_isShownFromTheTable_whenItsPostFailedButWasStored() async throws {
        try await with { fixture, id in
            let stored = try Samples.fix(at: 540, received: 0)
            fixture.fixes.failRecording { _ in
                fixture.fixes.insert([stored], into: id)
                return StoreError(.unavailable, detail: "the connection is lost")
            }
            await #expect(throws: FleetError.self) { try await fixture.ingest([stored], into: id) }
            #expect(fixture.fleets.unmerged.withLock { $0 } == [id])
            fixture.fixes.failRecording(nil)
        }
    }

    @Test func restartAndSecondServer_agreeWithTheTable() async throws {
        let store = MemoryFixStore()
        try await with(fixes: store) { first, id in
            try await first.ingest([try Samples.fix(at: 540, received: 0)], into: id)
            await first.waitForSeq(1, of: id)
            try await with(fixes: store) { second, _ in
                #expect(try shown(second, id) == Samples.time(540))
                try await second.ingest([try Samples.fix(at: 31, received: 31)], into: id)
                await second.waitForSeq(1, of: id)
                #expect(try shown(second, id) == Samples.time(31))
            }
            await first.fleets.reconcile(id)
            await first.waitForSeq(2, of: id)
            #expect(try shown(first, id) == Samples.time(31))
        }
        try await with(fixes: store) { restarted, id in
            let newest = try shown(restarted, id)
            #expect(newest == Samples.time(31))
        }
    }

    @Test func acceptedPlaces_areUnknown_whenAReceiptAcceptsOnlySome() {
        #expect(PostOutcome(accepted: 2, duplicates: 0).accepted(among: [0, 1]) == [0, 1])
        #expect(PostOutcome(accepted: 0, duplicates: 2).accepted(among: [0, 1]) == [])
        #expect(PostOutcome(accepted: 1, duplicates: 1).accepted(among: [0]) == nil)
        #expect(PostOutcome(accepted: 1, duplicates: 1, acceptedPlaces: [1]).accepted(among: [0, 1]) == [1])
    }
}

extension MemoryFixStore {
    fileprivate func newest(of id: FleetID) async throws -> Timestamp? {
        let vehicle = try Samples.vehicle()
        return try await newestFixes(of: id).first { $0.fix.vehicleID == vehicle }?.fix.recordedAt
    }
}
