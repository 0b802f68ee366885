import HarborFleetTesting
import StoreCache
import Supervision
import Testing

@testable import HarborFleet

@Suite(.timeLimit(.minutes(1))) struct FleetDirectoryTests {
    @Test func newFleet_isNotGone_whenItWasLookedUpWhileTheListWasRead() async throws {
        let fixture = FleetFixture(fleets: [])
        let gate = Gate()
        fixture.fleetStore.holdList { await gate.pass() }
        let reload = Task { try await fixture.refresh() }
        await gate.waitForArrivals(1)
        let new = try fleet("new")
        try await fixture.fleetStore.add(new)
        #expect(try await fixture.fleets.fleet(new.id, askedBy: nil).id == new.id)
        gate.open()
        #expect(try await reload.value)
        #expect(try await fixture.fleets.fleet(new.id, askedBy: nil).id == new.id)
        #expect(try await fixture.refresh(), "the list was too old")
        #expect(try await fixture.fleets.fleets().map(\.id) == [new.id])
        #expect(try await fixture.refresh() == false)
    }

    @Test func unknownFleet_isRefusedFromMemory_whileTheListIsFresh() async throws {
        let known = try fleet("known")
        let fixture = FleetFixture(fleets: [known.id])
        let client = Requester.network(bits: 1, isIPv6: false)
        let unknown = try fleet("unknown")
        for _ in 0..<8 { #expect(fixture.coldLane.admit(client)) }
        await #expect(throws: FleetError.self) {
            try await fixture.fleets.fleet(unknown.id, askedBy: client)
        }
        #expect(!fixture.fleets.isCertainlyUnknown(unknown.id), "there is no list yet")
        #expect(try await fixture.refresh())
        await #expect(throws: FleetError.unknownFleet) {
            try await fixture.fleets.fleet(unknown.id, askedBy: client)
        }
        #expect(fixture.fleetStore.lookUps == 0)
        fixture.clock.advance(by: .seconds(1))
        await #expect(throws: FleetError.unavailable(retryAfter: .seconds(1))) {
            try await fixture.fleets.fleet(unknown.id, askedBy: client)
        }
        #expect(try await fixture.fleets.fleet(known.id, askedBy: client).id == known.id)
    }

    @Test func refresh_reportsTheChange_beforeTheTrackersHaveStopped() async throws {
        try await FleetFixture.run { fixture, id in
            _ = try await fixture.refresh()
            _ = try await fixture.status(of: id)
            try await fixture.fleetStore.removeFleet(id)
            let served = EventRecorder<Bool>()
            fixture.fleets.revision.onChange { served.record(fixture.fleets.snapshot(of: id) != nil) }
            _ = try await fixture.fleets.refresh()
            #expect(served.events == [true])
            #expect(fixture.fleets.snapshot(of: id) == nil)
        }
    }

    @Test func refresher_triesAgain_afterAnyError() async throws {
        let fixture = FleetFixture(fleets: [])
        let failure = StoreError(.rejected, detail: "no such table")
        fixture.fleetStore.failRevision(failure)
        let (changes, changed) = AsyncStream.makeStream(of: Void.self)
        let (failures, failed) = AsyncStream.makeStream(of: StoreError.self)
        fixture.fleets.revision.onChange { changed.yield() }
        let spec = fixture.fleets.refresherSpec(onFailure: { failed.yield($0) })
        let supervisor = Supervisor(
            name: "test", strategy: .oneForOne, children: [spec], clock: fixture.clock)
        let run = Task { try await supervisor.run() }
        for _ in 0..<3 {
            await fixture.clock.waitForSleepers(1)
            fixture.clock.advance(by: .milliseconds(500))
        }
        await fixture.clock.waitForSleepers(1)
        fixture.fleetStore.failRevision(nil)
        fixture.clock.advance(by: .milliseconds(500))
        var seen = changes.makeAsyncIterator()
        #expect(await seen.next() != nil)
        #expect(supervisor.tree.children.map(\.restarts) == [0])
        run.cancel()
        try await run.value
        failed.finish()
        #expect(await failures.reduce(into: []) { $0.append($1) } == [failure], "reported once")
    }

    @Test func change_isReported_whileTheLastOneIsStillApplied() async throws {
        let fixture = FleetFixture(fleets: [])
        let gate = Gate()
        fixture.fleetStore.holdRemovals { await gate.pass() }
        let (changes, changed) = AsyncStream.makeStream(of: Void.self)
        fixture.fleets.revision.onChange { changed.yield() }
        let supervisor = Supervisor(
            name: "test", strategy: .oneForOne, children: [fixture.fleets.refresherSpec()],
            clock: fixture.clock)
        let run = Task { try await supervisor.run() }
        var seen = changes.makeAsyncIterator()
        #expect(await seen.next() != nil)
        await gate.waitForArrivals(1)
        let new = try fleet("new")
        try await fixture.fleetStore.add(new)
        await fixture.clock.waitForSleepers(1)
        fixture.clock.advance(by: .milliseconds(500))
        #expect(await seen.next() != nil)
        #expect(fixture.fleets.directory.list == nil)
        gate.open()
        // This is a poll, because no event says that the list was replaced: the change was reported before.
        while fixture.fleets.directory.list?.map(\.id) != [new.id] {
            fixture.clock.advance(by: .milliseconds(500))
            await Task.yield()
        }
        run.cancel()
        try await run.value
    }

    @Test func refresh_reportsAChangeOnce_andReadsTheListAgainAfterAFailure() async throws {
        let fixture = FleetFixture(fleets: [try Samples.fleet()])
        fixture.fleetStore.failList(StoreError(.unavailable, detail: "too slow"))
        let told = EventRecorder<Bool>()
        fixture.fleets.revision.onChange { told.record(true) }
        for _ in 0..<2 {
            await #expect(throws: StoreError.self) { try await fixture.fleets.refresh() }
        }
        #expect(told.events.count == 1)
        fixture.fleetStore.failList(nil)
        #expect(try await fixture.fleets.refresh())
        #expect(told.events.count == 1 && fixture.fleets.directory.list?.count == 1)
    }

    private func fleet(_ id: String) throws -> Fleet {
        Fleet(id: try #require(FleetID(id)), name: id)
    }
}
