import HarborFleet
import HarborFleetTesting
import Testing

/// A tracker that fails, on the real stores and real sockets: what its own fleet notices, and what others do not.
@Suite(.serialized, .timeLimit(.minutes(1))) struct CrashTests {
    @Test func tracker_comesBackWithItsPositions_andItsSubscriberGetsASnapshotOnTheSameStream() async throws {
        try await CrashBench.with { bench, north, _ in
            try await bench.ingest(["a", "b"], at: 1, into: north)
            let subscriber = try await bench.subscriber(of: north)
            // Accepted is not subscribed: until its snapshot is there, the next fix may be in it.
            try await waitUntil { !subscriber.messages.isEmpty }
            try await bench.ingest(["a"], at: 2, into: north)
            try await waitUntil { subscriber.messages(of: "position").contains { $0.vehicleId == "a" } }
            let before = try #require(bench.fleets.snapshot(of: north))

            try await bench.crash(north, at: 3)

            try await waitUntil { subscriber.messages(of: "snapshot").count >= 2 }
            try await waitUntil { try await bench.isConverged(north) }
            let after = try #require(bench.fleets.snapshot(of: north))
            #expect(after.epoch != before.epoch && after.generation > before.generation)
            #expect(bench.positions(of: north).count == 3)
            let snapshots = subscriber.messages(of: "snapshot")
            #expect(snapshots.allSatisfy { $0.recovered == false })
            #expect(snapshots.last?.epoch == after.epoch)
            // The stream goes on behind the new snapshot.
            try await bench.ingest(["a"], at: 4, into: north)
            try await waitUntil {
                let last = subscriber.messages.last
                return last?.vehicleId == "a" && last?.seq == bench.fleets.snapshot(of: north)?.seq
            }
            #expect(subscriber.faults == [])
            #expect(!subscriber.hasEnded)
            #expect(try await bench.status(of: north).status == 200)
        }
    }

    @Test func sibling_goesOnUnbroken_whileTheOtherFleetCrashes() async throws {
        try await CrashBench.with { bench, north, south in
            try await bench.ingest(["a"], at: 1, into: north)
            try await bench.ingest(["x"], at: 0, into: south)
            // The 202 waits for the commit, not for the tracker: the fix may still be in its mailbox.
            try await waitUntil { bench.fleets.snapshot(of: south)?.seq == 1 }
            let subscriber = try await bench.subscriber(of: south)
            try await waitUntil { subscriber.messages.count == 1 }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    for second in 1...200 { try await bench.ingest(["x"], at: second, into: south) }
                }
                for second in 2...3 { try await bench.crash(north, at: second) }
                try await tasks.waitForAll()
            }
            try await waitUntil {
                subscriber.messages.last?.seq == 201 || subscriber.messages.count >= 201
            }
            #expect(subscriber.faults == [])
            #expect(subscriber.messages(of: "snapshot").count == 1)
            #expect(subscriber.messages(of: "position").count == 200)
            #expect(bench.events.failures(of: south.rawValue) == 0)
            #expect(bench.events.failures(of: north.rawValue) == 2)
            #expect(bench.fleets.quarantined == [])
        }
    }

    @Test func fleet_isQuarantinedAlone_whenItsTrackerFailsTooFast() async throws {
        try await CrashBench.with { bench, north, south in
            try await bench.ingest(["a"], at: 1, into: north)
            try await bench.ingest(["x"], at: 0, into: south)
            // The 202 waits for the commit, not for the tracker: the fix may still be in its mailbox.
            try await waitUntil { bench.fleets.snapshot(of: south)?.seq == 1 }
            let subscriber = try await bench.subscriber(of: south)
            bench.poison.arm(true)
            var second = 1
            try await waitUntil {
                second += 1
                do {
                    try await bench.ingest([Poison.vehicle], at: second, into: north)
                } catch is FleetError {}
                return !bench.fleets.quarantined.isEmpty
            }
            #expect(bench.fleets.quarantined == [north.rawValue])
            // Told after it is done.
            try await waitUntil { bench.events.failures(of: north.rawValue) == 3 }
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
            try await waitUntil { subscriber.messages(of: "position").count == 1 }
            #expect(subscriber.faults == [])
        }
    }

    /// The new tracker has loaded before the commit: only the merge after the commit can tell it.
    @Test(arguments: [HeldFixStore.Place.beforeCommit, .afterCommit])
    func memory_catchesUp_whenTheTrackerRestartedWhileACommitWasUnderWay(
        _ place: HeldFixStore.Place
    ) async throws {
        try await CrashBench.with { bench, north, _ in
            try await bench.ingest(["a", "b"], at: 1, into: north)
            let subscriber = try await bench.subscriber(of: north)
            try await waitUntil { subscriber.messages.count == 1 }
            bench.store.hold(place)
            bench.poison.arm(true)
            let generation = try #require(bench.fleets.snapshot(of: north)).generation
            async let inFlight = bench.ingest(["a", "new"], at: 2, into: north)
            try await waitUntil { bench.store.held == 1 }
            async let poisoned = bench.ingest([Poison.vehicle], at: 2, into: north)
            try await waitUntil { bench.store.held == 2 }
            try await waitUntil {
                let snapshot = bench.fleets.snapshot(of: north)
                return snapshot.map { $0.generation > generation } ?? false
            }
            let reloaded = bench.positions(of: north).count
            // The poisoned fix's own commit may come after the reload in either case.
            #expect(place == .beforeCommit ? reloaded == 2 : reloaded >= 3)
            bench.poison.arm(false)
            bench.store.release()
            #expect(try await inFlight.accepted == 2)
            #expect(try await poisoned.accepted == 1)
            try await waitUntil { try await bench.isConverged(north) }
            #expect(bench.positions(of: north).count == 4)
            let last = try #require(bench.fleets.snapshot(of: north)).seq
            try await waitUntil { subscriber.messages.last?.seq == last }
            #expect(subscriber.faults == [])
            #expect(bench.events.failures(of: north.rawValue) == 1)
        }
    }
}

extension CrashBench {
    /// Has a fleet's tracker fail once, and returns when the next one serves.
    fileprivate func crash(_ id: FleetID, at second: Int) async throws {
        let before = fleets.snapshot(of: id)?.generation ?? 0
        let failures = events.failures(of: id.rawValue)
        poison.armOnce()
        async let receipt = ingest([Poison.vehicle], at: second, into: id)
        try await waitUntil { events.failures(of: id.rawValue) > failures }
        #expect(try await receipt.accepted == 1)
        try await waitUntil { (fleets.snapshot(of: id)?.generation ?? 0) > before }
    }

    /// Whether memory says what the table says.
    fileprivate func isConverged(_ id: FleetID) async throws -> Bool {
        try await newestRows(of: id) == positions(of: id)
    }
}
