import HarborFleetTesting
import Supervision
import Testing

@testable import HarborFleet

@Suite(.timeLimit(.minutes(1))) struct FleetDirectoryTests {
    private let directory = FleetDirectory(unknownFor: .seconds(1), maximumUnknown: 10)
    private let now = ContinuousClock.now

    @Test func aFleetThatWasLookedUpWhileTheListWasAskedFor_isNotGone() throws {
        let (old, new) = (try fleet("old"), try fleet("new"))
        #expect(directory.loaded([old], revision: 1).isEmpty)
        directory.loading()
        directory.learned(new, for: new.id, generation: directory.generation, now: now)
        #expect(directory.loaded([old], revision: 2).isEmpty)
        #expect(directory.answer(for: new.id, now: now) == .known(new))
        #expect(directory.revision == nil, "the next round asks again, since the list was too old")

        directory.loading()
        #expect(directory.loaded([old], revision: 3) == [new.id], "it was the look-up that was too old")
        #expect(directory.revision == 3)
    }

    @Test func aFleetThatWasLookedUp_isNotDoubted_whenTheListHasIt() throws {
        let new = try fleet("new")
        directory.loading()
        directory.learned(new, for: new.id, generation: directory.generation, now: now)
        #expect(directory.loaded([new], revision: 2).isEmpty)
        #expect(directory.revision == 2)
    }

    @Test func refresh_tellsOfTheChange_beforeItWaitsForTrackersToStop() async throws {
        let id = try Samples.fleet()
        let fixture = FleetFixture(fleets: [id])
        try await fixture.run {
            _ = try await fixture.refresh()
            _ = try await fixture.status(of: id)
            try await fixture.fleetStore.removeFleet(id)
            var wasServed = false
            _ = try await fixture.context.refresh { wasServed = fixture.context.snapshot(of: id) != nil }
            #expect(wasServed)
            #expect(fixture.context.snapshot(of: id) == nil)
        }
    }

    @Test func refresher_asksAgain_whateverTheStoreSays() async throws {
        let fixture = FleetFixture(fleets: [])
        let failure = StoreError(.rejected, detail: "no such table")
        fixture.fleetStore.failRevision(failure)
        let (changes, changed) = AsyncStream.makeStream(of: Void.self)
        let (failures, failed) = AsyncStream.makeStream(of: StoreError.self)
        let spec = fixture.context.refresherSpec(
            onChange: { changed.yield() }, onFailure: { failed.yield($0) })
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
        #expect(await failures.reduce(into: []) { $0.append($1) } == [failure], "told once")
    }

    @Test func aChange_isTold_whileWhatTheLastOneMadeNecessaryIsStillWaitedFor() async throws {
        let fixture = FleetFixture(fleets: [])
        let gate = Gate()
        fixture.fleetStore.holdRemovals { await gate.pass() }
        let (changes, changed) = AsyncStream.makeStream(of: Void.self)
        let supervisor = Supervisor(
            name: "test", strategy: .oneForOne,
            children: [fixture.context.refresherSpec(onChange: { changed.yield() })], clock: fixture.clock)
        let run = Task { try await supervisor.run() }
        var seen = changes.makeAsyncIterator()
        #expect(await seen.next() != nil)
        await gate.waitForArrivals(1)
        let new = try fleet("new")
        try await fixture.fleetStore.add(new)
        await fixture.clock.waitForSleepers(1)
        fixture.clock.advance(by: .milliseconds(500))
        #expect(await seen.next() != nil)
        #expect(fixture.context.directory.all == nil)
        gate.open()
        while fixture.context.directory.all?.map(\.id) != [new.id] {
            fixture.clock.advance(by: .milliseconds(500))
            await Task.yield()
        }
        run.cancel()
        try await run.value
    }

    @Test func refresh_tellsOfAChangeOnce_alsoWhenTheListFails_andAsksForThatAgain() async throws {
        let fixture = FleetFixture(fleets: [try Samples.fleet()])
        fixture.fleetStore.failList(StoreError(.unavailable, detail: "too slow"))
        var told = 0
        for _ in 0..<2 {
            await #expect(throws: StoreError.self) { try await fixture.context.refresh { told += 1 } }
        }
        #expect(told == 1)
        fixture.fleetStore.failList(nil)
        #expect(try await fixture.context.refresh { told += 1 })
        #expect(told == 1 && fixture.context.directory.all?.count == 1)
    }

    private func fleet(_ id: String) throws -> Fleet {
        Fleet(id: try #require(FleetID(id)), name: id)
    }
}
