import HarborFleet
import HarborFleetTesting
import Testing

/// A tracker that fails, on the real stores and real sockets: what its own fleet notices, and what other fleets do not.
@Suite(.serialized, .timeLimit(.minutes(1))) struct CrashTests {
    @Test func tracker_servesItsPositionsAgain_andTheOpenStreamGetsASnapshot_afterAFailure() async throws {
        try await CrashBench.with { bench, north, _ in
            try await bench.ingest(["a", "b"], at: 1, into: north)
            let subscriber = try await bench.subscriber(of: north)
            // Before its snapshot the next fix could be part of the snapshot.
            try await subscriber.messages(count: 1)
            try await bench.ingest(["a"], at: 2, into: north)
            try await subscriber.message { $0.type == "position" && $0.vehicleId == "a" }
            let before = try #require(bench.fleets.snapshot(of: north))

            try await bench.crash(north, at: 3)

            try await subscriber.message { $0.type == "snapshot" && $0.epoch != before.epoch }
            try await bench.waitUntilMemoryIsTable(north)
            let after = try #require(bench.fleets.snapshot(of: north))
            #expect(after.epoch != before.epoch && after.generation > before.generation)
            #expect(bench.positions(of: north).count == 3)
            let snapshots = subscriber.messages(of: "snapshot")
            #expect(snapshots.allSatisfy { $0.recovered == false })
            #expect(snapshots.last?.epoch == after.epoch)
            // The stream goes on behind the new snapshot.
            try await bench.ingest(["a"], at: 4, into: north)
            let time = CrashBench.time(at: 4).milliseconds
            let last = try await subscriber.message { message in
                message.vehicleId == "a"
                    && message.recordedAt.flatMap { Timestamp(rfc3339: $0) }?.milliseconds == time
            }
            #expect(last.seq == bench.fleets.snapshot(of: north)?.seq)
            #expect(subscriber.faults == [])
            #expect(!subscriber.hasEnded)
            #expect(try await bench.status(of: north).status == 200)
        }
    }

    @Test func streamOfAnotherFleet_goesOnUnbroken_whileATrackerFails() async throws {
        try await CrashBench.with { bench, north, south in
            try await bench.ingest(["a"], at: 1, into: north)
            try await bench.ingest(["x"], at: 0, into: south)
            // A 202 waits for the commit and not for the tracker: the fix may still be in its mailbox.
            try await bench.wait(for: south) { $0.seq == 1 }
            let subscriber = try await bench.subscriber(of: south)
            try await subscriber.messages(count: 1)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    for second in 1...200 { try await bench.ingest(["x"], at: second, into: south) }
                }
                for second in 2...3 { try await bench.crash(north, at: second) }
                try await tasks.waitForAll()
            }
            try await subscriber.message { $0.seq == 201 }
            #expect(subscriber.faults == [])
            #expect(subscriber.messages(of: "snapshot").count == 1)
            #expect(subscriber.messages(of: "position").count == 200)
            let events = bench.events.events
            #expect(events.failures(of: south.rawValue) == 0)
            #expect(events.failures(of: north.rawValue) == 2)
            #expect(bench.fleets.quarantined == [])
        }
    }

    @Test func fleet_isQuarantinedAlone_whenItsTrackerFailsTooOften() async throws {
        try await CrashBench.with { bench, north, south in
            try await bench.ingest(["a"], at: 1, into: north)
            try await bench.ingest(["x"], at: 0, into: south)
            // A 202 waits for the commit and not for the tracker: the fix may still be in its mailbox.
            try await bench.wait(for: south) { $0.seq == 1 }
            let subscriber = try await bench.subscriber(of: south)
            try await subscriber.messages(count: 1)
            try await bench.failUntilQuarantined(north)
            #expect(bench.fleets.quarantined == [north.rawValue])
            #expect(bench.events.events.failures(of: north.rawValue) == 3)
            let error = await #expect(throws: FleetError.self) { try await bench.fleets.status(of: north) }
            guard case .quarantined(let retryAfter) = error else {
                Issue.record("not quarantined: \(String(describing: error))")
                return
            }
            #expect(retryAfter > .zero)
            let refused = try await bench.status(of: north)
            #expect(refused.status == 503)
            #expect(refused["retry-after"] != nil)
            #expect(try await bench.status(of: south).status == 200)
            try await bench.ingest(["x"], at: 1, into: south)
            try await subscriber.messages(count: 2)
            #expect(subscriber.messages(of: "position").count == 1)
            #expect(subscriber.faults == [])
        }
    }

    /// The new tracker loads before the commit. Only the merge after the commit can bring it the fix.
    @Test(arguments: [HeldFixStore.Place.beforeCommit, .afterCommit])
    func memory_isTheTable_whenTheTrackerRestartedDuringACommit(_ place: HeldFixStore.Place) async throws {
        try await CrashBench.with { bench, north, _ in
            try await bench.ingest(["a", "b"], at: 1, into: north)
            let subscriber = try await bench.subscriber(of: north)
            try await subscriber.messages(count: 1)
            bench.store.hold(place)
            bench.poison.arm(true)
            let generation = try #require(bench.fleets.snapshot(of: north)).generation
            async let inFlight = bench.ingest(["a", "new"], at: 2, into: north)
            await bench.store.waitUntilHeld(1)
            async let poisoned = bench.ingest([Poison.vehicle], at: 2, into: north)
            await bench.store.waitUntilHeld(2)
            try await bench.wait(for: north) { $0.generation > generation }
            let reloaded = bench.positions(of: north).count
            // The poisoned fix's own commit may come after the reload in either case.
            #expect(place == .beforeCommit ? reloaded == 2 : reloaded >= 3)
            bench.poison.arm(false)
            bench.store.release()
            #expect(try await inFlight.accepted == 2)
            #expect(try await poisoned.accepted == 1)
            try await bench.waitUntilMemoryIsTable(north)
            #expect(bench.positions(of: north).count == 4)
            let last = try #require(bench.fleets.snapshot(of: north))
            try await subscriber.wait { messages in
                messages.last { $0.type == "snapshot" }?.epoch == last.epoch && messages.last?.seq == last.seq
            }
            #expect(subscriber.faults == [])
            #expect(bench.events.events.failures(of: north.rawValue) == 1)
        }
    }
}

extension CrashBench {
    /// Makes a fleet's tracker fail once, and returns when the next one serves.
    fileprivate func crash(_ id: FleetID, at second: Int) async throws {
        let before = fleets.snapshot(of: id)?.generation ?? 0
        let failures = events.events.failures(of: id.rawValue)
        poison.armOnce()
        async let receipt = ingest([Poison.vehicle], at: second, into: id)
        await events.wait { $0.failures(of: id.rawValue) > failures }
        #expect(try await receipt.accepted == 1)
        try await wait(for: id) { $0.generation > before }
    }

    /// Makes a fleet's tracker fail at each start until it is quarantined.
    fileprivate func failUntilQuarantined(_ id: FleetID) async throws {
        let name = id.rawValue
        poison.arm(true)
        for second in 2... {
            try Task.checkCancellation()
            // A tracker that serves has started once more often than it has failed.
            await events.wait { $0.isQuarantined(name) || $0.starts(of: name) > $0.failures(of: name) }
            let failures = events.events.failures(of: name)
            guard !events.events.isQuarantined(name) else { return }
            do { try await ingest([Poison.vehicle], at: second, into: id) } catch is FleetError {}
            await events.wait { $0.isQuarantined(name) || $0.failures(of: name) > failures }
        }
    }
}
