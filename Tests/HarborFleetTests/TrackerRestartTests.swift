import HarborFleetTesting
import StoreCache
import Testing

@testable import HarborFleet

/// A failing tracker harms its own fleet only.
@Suite(.timeLimit(.minutes(1))) struct TrackerRestartTests {
    private let saboteur = Saboteur()

    private func fixture(_ fleets: FleetID...) -> FleetFixture {
        var tracker = TrackerConfiguration()
        tracker.willApply = saboteur.hook
        return FleetFixture(fleets: fleets, configuration: FleetConfiguration(tracker: tracker))
    }

    private func snapshots(_ events: [LiveEvent]) -> Int {
        events.count { event in
            if case .snapshot = event.kind { true } else { false }
        }
    }

    @Test func tracker_comesBackWithItsPositions_andSiblingsGoOn() async throws {
        let (north, south) = (try Samples.fleet("north"), try Samples.fleet("south"))
        let bad = try Samples.vehicle("bad")
        let fixture = fixture(north, south)
        try await fixture.run {
            try await fixture.ingest([try Samples.fix("a", at: 1), try Samples.fix("b", at: 1)], into: north)
            try await fixture.ingest([try Samples.fix("x", at: 1)], into: south)
            await fixture.waitForSeq(2, of: north)
            let before = try #require(fixture.fleets.snapshot(of: north))
            saboteur.target(bad)
            // The fix is durable, because acceptance does not depend on the tracker.
            #expect(try await fixture.ingest([try Samples.fix("bad", at: 2)], into: north).accepted == 1)
            saboteur.target(bad, false)
            await fixture.log.wait { events in
                events.contains { event in
                    guard case .snapshot = event.kind else { return false }
                    return event.fleetID == north && event.generation > before.generation
                }
            }
            try await fixture.ingest([try Samples.fix("x", at: 2)], into: south)
            try await fixture.ingest([try Samples.fix("a", at: 3)], into: north)
            await fixture.log.wait { events in
                events.contains {
                    $0.fleetID == north && $0.epoch != before.epoch && $0.vehicleID?.rawValue == "a"
                }
            }
            await fixture.waitForSeq(2, of: south)
            let after = try #require(fixture.fleets.snapshot(of: north))
            #expect(after.epoch != before.epoch && after.generation > before.generation)
            #expect(after.sortedVehicles.map(\.vehicleID.rawValue) == ["a", "b", "bad"])
            #expect(fixture.log.events(of: south).map(\.seq) == [0, 1, 2])
            #expect(Set(fixture.log.events(of: south).map(\.epoch)).count == 1)
            #expect(fixture.fleets.resume(north, since: before.position) == nil)
        }
    }

    @Test func tracker_isQuarantinedAlone_whenItFailsTooFast() async throws {
        let (north, south) = (try Samples.fleet("north"), try Samples.fleet("south"))
        let fixture = fixture(north, south)
        try await fixture.run {
            _ = try await fixture.status(of: north)
            try await fixture.ingest([try Samples.fix("x", at: 1)], into: south)
            saboteur.target(try Samples.vehicle("bad"))
            var second = 1.0
            // This is a poll, because no event says that the tracker takes POSTs again: only a POST shows it.
            while fixture.fleets.quarantined.isEmpty {
                // The POST gets a 503 while the tracker is away. A crash later does not fail it.
                do {
                    try await fixture.ingest([try Samples.fix("bad", at: second)], into: north)
                } catch is FleetError {}
                second += 1
                await Task.yield()
            }
            #expect(fixture.fleets.quarantined == ["north"])
            let error = await #expect(throws: FleetError.self) { try await fixture.status(of: north) }
            guard case .quarantined(let retryAfter) = error else {
                Issue.record("not quarantined: \(String(describing: error))")
                return
            }
            #expect(retryAfter > .zero)
            #expect(snapshots(fixture.log.events(of: north)) == 3)
            try await fixture.ingest([try Samples.fix("x", at: 2)], into: south)
            await fixture.waitForSeq(2, of: south)
            #expect(fixture.log.events(of: south).map(\.seq) == [0, 1, 2])
        }
    }

    @Test func tracker_isQuarantined_whenItsStoreRejectsTheLoad() async throws {
        let (north, south) = (try Samples.fleet("north"), try Samples.fleet("south"))
        let fixture = fixture(north, south)
        fixture.fixes.failLoading { $0 == north ? StoreError(.rejected, detail: "bad row") : nil }
        try await fixture.run {
            // This is a poll, because the tracker starts again only when its status is asked for.
            while fixture.fleets.quarantined.isEmpty {
                do { _ = try await fixture.status(of: north) } catch is FleetError {}
                await Task.yield()
            }
            #expect(fixture.fixes.loads(of: north) == 3)
            #expect(try await fixture.status(of: south).seq == 0)
        }
    }

    @Test func tracker_waitsWithoutFailing_whileTheStoreIsAway() async throws {
        let id = try Samples.fleet()
        let fixture = fixture(id)
        fixture.fixes.insert([try Samples.fix(at: -1)], into: id)
        fixture.fixes.failLoading { _ in StoreError(.unavailable, detail: "gone") }
        try await fixture.run {
            async let status = fixture.status(of: id)
            // The sleepers are the waiting tracker and the time-out of the caller.
            await fixture.clock.waitForSleepers(2)
            await #expect(throws: FleetError.unavailable(retryAfter: .seconds(1))) {
                try await fixture.status(of: id)
            }
            fixture.fixes.failLoading(nil)
            fixture.clock.advance(by: .milliseconds(500))
            let snapshot = try await status
            #expect(snapshot.vehicles.count == 1)
            #expect(fixture.fleets.quarantined.isEmpty)
        }
    }
}
