import HarborFleetTesting
import StoreCache
import Supervision
import Testing

@testable import HarborFleet

@Suite(.timeLimit(.minutes(1))) struct FleetsTests {
    @Test func ingest_isShownAndDurable_andARepeatChangesNothing() async throws {
        try await FleetFixture.run { fixture, id in
            let rows = [try Samples.fix("a", at: 1, speed: 3), try Samples.fix("b", at: 1)]
            let first = try await fixture.ingest(rows, into: id)
            #expect(first.accepted == 2 && first.duplicates == 0 && first.rejected.isEmpty)
            #expect(fixture.fixes.count == 2)
            await fixture.waitForSeq(2, of: id)
            #expect(fixture.fleets.snapshot(of: id)?.counts == StateCounts(moving: 1, idle: 1))
            let again = try await fixture.ingest(rows, into: id)
            #expect(again.accepted == 0 && again.duplicates == 2)
            #expect(fixture.fleets.snapshot(of: id)?.seq == 2)
        }
    }

    @Test func ingest_storesTheDerivedSpeed() async throws {
        try await FleetFixture.run { fixture, id in
            let rows = [try Samples.fix(at: 0, lat: 53.5), try Samples.fix(at: 5, lat: 53.5001)]
            try await fixture.ingest(rows, into: id)
            let stored = try await fixture.fixes.newestFixes(of: id)
            let speed = try #require(stored.first?.derivedSpeedMetersPerSecond)
            #expect(abs(speed - 2.224) < 0.001)
            await fixture.waitForSeq(2, of: id)
            #expect(fixture.fleets.snapshot(of: id)?.counts.moving == 1)
        }
    }

    @Test func ingest_rejectsNewVehiclesByPointer_whenTheFleetIsFull() async throws {
        let id = try Samples.fleet()
        var configuration = FleetConfiguration()
        configuration.maximumVehicles = 2
        let fixture = FleetFixture(fleets: [id], configuration: configuration)
        try await fixture.run {
            try await fixture.ingest([try Samples.fix("a", at: 1)], into: id)
            let receipt = try await fixture.ingest(
                [try Samples.fix("b", at: 2), try Samples.fix("c", at: 2), try Samples.fix("a", at: 2)],
                into: id)
            #expect(receipt.accepted == 2)
            #expect(receipt.rejected.flatMap(\.errors).map(\.pointer) == ["/fixes/1/vehicle_id"])
            let error = await #expect(throws: FleetError.self) {
                try await fixture.ingest([try Samples.fix("d", at: 3)], into: id)
            }
            guard case .allRejected(let rejected, _) = error else {
                Issue.record("not .allRejected: \(String(describing: error))")
                return
            }
            #expect(rejected.map(\.pointer) == ["/fixes/0"])
        }
    }

    @Test func ingest_countsTheTimeThatThePostHasWaited() async throws {
        try await FleetFixture.run { fixture, id in
            let batch = Samples.batch([try Samples.fix(at: 1)])
            let deadline = Deadline(after: .seconds(1), by: fixture.recorderClock)
            await #expect(throws: FleetError.overloaded(retryAfter: .seconds(1))) {
                try await fixture.fleets.ingest(batch, as: Samples.post(to: id), by: deadline)
            }
            #expect(fixture.fixes.count == 0)
        }
    }

    @Test func ingest_isOverloaded_whenTheLookUpTakesTooLong() async throws {
        let id = try Samples.fleet()
        let fixture = FleetFixture(fleets: [id])
        fixture.fleetStore.holdLookUps {
            do { try await fixture.clock.sleep(until: fixture.clock.now() + .seconds(60)) } catch {}
        }
        try await fixture.run {
            // The look-up of the secrets has used up the rest.
            let deadline = Deadline(after: .milliseconds(2_500), by: fixture.recorderClock)
            let batch = Samples.batch([try Samples.fix(at: 1)])
            let outcome = Task {
                try await fixture.fleets.ingest(batch, as: Samples.post(to: id), by: deadline)
            }
            await fixture.clock.waitForSleepers(1)
            fixture.recorderClock.advance(by: .milliseconds(1_500))
            await #expect(throws: FleetError.overloaded(retryAfter: .seconds(1))) { try await outcome.value }
            #expect(fixture.fixes.count == 0)
        }
        // The fixture and the hook refer to each other.
        fixture.fleetStore.holdLookUps(nil)
    }

    @Test func ingest_isNotShown_whileTheStoreIsAway() async throws {
        try await FleetFixture.run { fixture, id in
            _ = try await fixture.status(of: id)
            fixture.fixes.failRecording { _ in StoreError(.unavailable, detail: "gone") }
            await #expect(throws: FleetError.unavailable(retryAfter: .seconds(1))) {
                try await fixture.ingest([try Samples.fix(at: 1)], into: id)
            }
            await fixture.waitForSeq(1, of: id)
            await #expect(throws: FleetError.unavailable(retryAfter: .seconds(1))) {
                try await fixture.ingest([try Samples.fix(at: 2)], into: id)
            }
            #expect(fixture.fleets.snapshot(of: id)?.seq == 1)
        }
    }

    @Test func status_isUnknownFleet_withOneLookUpPerRevision() async throws {
        let id = try Samples.fleet()
        let fixture = FleetFixture(fleets: [])
        try await fixture.run {
            for _ in 0..<3 {
                await #expect(throws: FleetError.unknownFleet) { try await fixture.status(of: id) }
            }
            #expect(fixture.fleetStore.lookUps == 1)
            try await fixture.fleetStore.add(Fleet(id: id, name: "North"))
            _ = try await fixture.refresh()
            #expect(try await fixture.status(of: id).vehicles.isEmpty)
            #expect(fixture.fleetStore.lookUps == 1, "the list has it")
        }
    }

    @Test func status_startsOneTracker_forManyCallers() async throws {
        let id = try Samples.fleet()
        let fixture = FleetFixture(fleets: [id])
        fixture.fixes.insert([try Samples.fix(at: -1)], into: id)
        try await fixture.run {
            let epochs = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 { group.addTask { try await fixture.status(of: id).epoch } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(epochs.count == 1)
            #expect(fixture.fixes.loads(of: id) == 1)
        }
    }

    @Test func refresh_stopsARemovedFleet_andEndsItsStreams() async throws {
        try await FleetFixture.run { fixture, id in
            _ = try await fixture.refresh()
            _ = try await fixture.status(of: id)
            #expect(try await fixture.refresh() == false)
            try await fixture.fleetStore.removeFleet(id)
            #expect(try await fixture.refresh())
            #expect(fixture.fleets.snapshot(of: id) == nil)
            guard case .ended = fixture.log.events(of: id).last?.kind else {
                Issue.record("the streams did not end")
                return
            }
            await #expect(throws: FleetError.unknownFleet) { try await fixture.status(of: id) }
        }
    }

    @Test func reconcile_mergesFixesOfAnotherServer() async throws {
        try await FleetFixture.run { fixture, id in
            try await fixture.ingest([try Samples.fix("a", at: 1)], into: id)
            await fixture.waitForSeq(1, of: id)
            fixture.fixes.insert([try Samples.fix("a", at: 2), try Samples.fix("b", at: 2)], into: id)
            await fixture.fleets.reconcile(id)
            await fixture.waitForSeq(3, of: id)
            await fixture.fleets.reconcile(id)
            try await fixture.ingest([try Samples.fix("c", at: 3)], into: id)
            await fixture.waitForSeq(4, of: id)
            #expect(fixture.log.events(of: id).map(\.seq) == [0, 1, 2, 3, 4])
        }
    }

    @Test func timer_turnsVehiclesOffline() async throws {
        try await FleetFixture.run { fixture, id in
            try await fixture.ingest([try Samples.fix(at: 0, speed: 9)], into: id)
            await fixture.waitForSeq(1, of: id)
            await fixture.pass(.seconds(300), untilSeq: 2, of: id)
            #expect(fixture.fleets.snapshot(of: id)?.counts == StateCounts(offline: 1))
        }
    }
}
