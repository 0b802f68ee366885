import FleetWire
import HarborFleetTesting
import Testing

@testable import HarborFleet

@Suite(.timeLimit(.minutes(1))) struct TrackerRemovalTests {
    private func makeState(_ fixes: [StoredFix]) throws -> TrackerState {
        var state = TrackerState(
            fleetID: try Samples.fleet(), epoch: "e1", generation: 1, rules: MotionRules(), now: Samples.now)
        state.rowsLoaded(fixes, now: Samples.now)
        return state
    }

    private func removal(
        _ vehicle: String, at seconds: Double, newest: StoredFix? = nil
    ) throws -> VehicleRemoval {
        VehicleRemoval(
            fleetID: try Samples.fleet(), vehicleID: try Samples.vehicle(vehicle),
            removedAt: Samples.time(seconds), newest: newest)
    }

    @Test func vehiclesRemoved_removesAVehicleOnce_andNoneWithALaterFix() throws {
        var state = try makeState([try Samples.fix("a", at: 1), try Samples.fix("b", at: 1)])
        _ = state.fixesReceived([try Samples.fix("b", at: 3)], now: Samples.time(3))
        let removals = [try removal("a", at: 2), try removal("b", at: 2), try removal("c", at: 2)]
        let events = state.vehiclesRemoved(removals, cutoff: Samples.time(-10), now: Samples.time(4))
        #expect(
            events.map { String(decoding: $0.json, as: UTF8.self) }
                == [#"{"type":"removed","seq":2,"vehicle_id":"a"}"#])
        #expect(state.vehicles.keys.map(\.rawValue) == ["b"])
        #expect(state.vehiclesRemoved(removals, cutoff: Samples.time(-10), now: Samples.time(5)).isEmpty)
        // The fix had the time to become durable and did not.
        #expect(state.vehiclesRemoved(removals, cutoff: Samples.time(4), now: Samples.time(20)).count == 1)
    }

    @Test func vehiclesRemoved_showsTheVehicleThatCameBack() throws {
        var state = try makeState([try Samples.fix("a", at: 9, received: 1)])
        let back = try Samples.fix("a", at: 5, lat: 1, received: 3)
        let removals = [try removal("a", at: 2, newest: back)]
        let events = state.vehiclesRemoved(removals, cutoff: Samples.now, now: Samples.time(4))
        #expect(events.map { $0.vehicleID?.rawValue } == ["a"])
        #expect(state.vehicles[try Samples.vehicle("a")]?.newest.fix == back.fix)
        #expect(state.vehiclesRemoved(removals, cutoff: Samples.now, now: Samples.time(5)).isEmpty)
    }

    @Test func vehicle_leavesNoDeadlines_whenItComesAndGoes() throws {
        var state = try makeState([])
        for step in 1...50 {
            let now = Double(step)
            _ = state.fixesReceived([try Samples.fix("a", at: now)], now: Samples.time(now))
            _ = state.vehiclesRemoved(
                [try removal("a", at: now)], cutoff: Samples.now, now: Samples.time(now))
        }
        _ = state.fixesReceived([try Samples.fix("a", at: 60)], now: Samples.time(60))
        #expect(state.timePassed(now: Samples.time(360)).count == 1)
        #expect(state.nextDeadline == nil)
    }

    @Test func sliceMerged_givesTheSame_inSlicesOfAnySize() throws {
        let rows = try (0..<50).map { try Samples.fix("v\($0)", at: Double($0 % 3)) }
        let loaded = try (20..<70).map { try Samples.fix("v\($0)", at: 1, received: -60) }
        var whole = try makeState(loaded)
        let expected = whole.rowsMerged(rows, cutoff: Samples.now, now: Samples.time(5))
        for limit in [1, 7, 50, 1000] {
            var state = try makeState(loaded)
            state.rowsArrived(rows, cutoff: Samples.now)
            var events: [LiveEvent] = []
            while state.isMerging {
                let slice = state.sliceMerged(limit: limit, now: Samples.time(5))
                #expect(slice.count <= limit)
                events += slice
            }
            #expect(Set(events.map(\.json)).count == events.count && events.count == expected.count)
            #expect(
                state.snapshot.sortedVehicles.map(\.fragment) == whole.snapshot.sortedVehicles.map(\.fragment)
            )
            #expect(state.vehicles.count == 50)
        }
    }

    @Test func sliceMerged_keepsWhatArrivesBetweenSlices() throws {
        let rows = try (0..<6).map { try Samples.fix("v\($0)", at: 0) }
        var state = try makeState(rows + [try Samples.fix("gone", at: -90)])
        state.rowsArrived(rows, cutoff: Samples.time(-60))
        _ = state.sliceMerged(limit: 2, now: Samples.time(1))
        let fresh = [try Samples.fix("v5", at: 1), try Samples.fix("new", at: 1)]
        _ = state.fixesReceived(fresh, now: Samples.time(1))
        let removals = [try removal("v1", at: 1), try removal("v4", at: 1)]
        _ = state.vehiclesRemoved(removals, cutoff: Samples.time(-60), now: Samples.time(1))
        while state.isMerging { _ = state.sliceMerged(limit: 2, now: Samples.time(2)) }
        #expect(state.snapshot.sortedVehicles.map(\.vehicleID.rawValue) == ["new", "v0", "v2", "v3", "v5"])
        #expect(state.vehicles[try Samples.vehicle("v5")]?.newest.fix.recordedAt == Samples.time(1))
    }

    @Test func refresh_removesAVehicleFromItsTracker_whileTheRemovalIsRecent() async throws {
        try await FleetFixture.run { fixture, id in
            let fixes = [try Samples.fix("a", at: 1), try Samples.fix("b", at: 1)]
            _ = try await fixture.refresh()
            try await fixture.ingest(fixes, into: id)
            await fixture.waitForSeq(2, of: id)
            fixture.fixes.remove(try Samples.vehicle("a"), of: id)
            fixture.fleetStore.setRecentRemovals([try removal("a", at: 2)])
            _ = try await fixture.refresh()
            await fixture.waitForSeq(3, of: id)
            #expect(fixture.fleets.snapshot(of: id)?.vehicles.keys.map(\.rawValue) == ["b"])
            // Rows that were read before bring the vehicle back. The next refresh removes it.
            #expect(fixture.fleets.registry.value(for: id)?.mailbox.send(.fixes(fixes)) == true)
            await fixture.waitForSeq(4, of: id)
            _ = try await fixture.refresh()
            await fixture.waitForSeq(5, of: id)
            #expect(fixture.fleets.snapshot(of: id)?.vehicles.count == 1)
            let asked = fixture.fleetStore.removalsAsked
            fixture.fleetStore.setRecentRemovals([])
            for _ in 0..<3 { _ = try await fixture.refresh() }
            #expect(fixture.fleetStore.removalsAsked == asked + 1)
        }
    }

    @Test func refresh_startsAFleetFromTheStart_whenItWasRemovedAndAddedAgain() async throws {
        try await FleetFixture.run { fixture, id in
            _ = try await fixture.refresh()
            try await fixture.ingest([try Samples.fix("a", at: 1)], into: id)
            await fixture.waitForSeq(1, of: id)
            let epoch = try await fixture.status(of: id).epoch
            fixture.fixes.remove(try Samples.vehicle("a"), of: id)
            try await fixture.fleetStore.removeFleet(id)
            try await fixture.fleetStore.add(Fleet(id: id, name: "North"))
            _ = try await fixture.refresh()
            let status = try await fixture.status(of: id)
            #expect(status.vehicles.isEmpty && status.epoch != epoch)
        }
    }
}

extension TrackerState {
    /// Merges all rows in one step.
    mutating func rowsMerged(_ rows: [StoredFix], cutoff: Timestamp, now: Timestamp) -> [LiveEvent] {
        rowsArrived(rows, cutoff: cutoff)
        var events: [LiveEvent] = []
        while isMerging { events += sliceMerged(limit: 1000, now: now) }
        return events
    }
}
