import HarborFleet
import StoreCache
import Testing

@testable import HarborFleetStorage

/// What `FleetStore` promises, for both stores.
@Suite(.timeLimit(.minutes(2))) struct SharedFleetStoreTests {
    private let north = StorageBench.north

    @Test(arguments: StoreKind.allCases)
    func fleets_areListed_untilTheyAreRemoved(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            let before = try await stores.fleets.revision()
            let twice = await #expect(throws: StoreError.self) {
                try await stores.fleets.add(Fleet(id: north, name: ""))
            }
            #expect(twice?.kind == .alreadyExists)
            let listed = try await stores.fleets.fleets()
            #expect(listed.map(\.id) == [north] && listed.map(\.name) == ["North"])
            #expect(try await stores.fleets.fleets([north, fleetID("south")]) == [north: listed[0]])
            #expect(try await stores.fleets.revision() == before)
            try await stores.fleets.removeFleet(north)
            #expect(try await stores.fleets.revision() > before)
            #expect(try await stores.fleets.fleets([north]).isEmpty)
            #expect(try await stores.fleets.fleets().isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func removal_fails_whenThereIsNothingToRemove(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            let before = try await stores.fleets.revision()
            let van = try #require(VehicleID("a"))
            let errors = [
                await #expect(throws: StoreError.self) {
                    try await stores.fleets.removeFleet(fleetID("south"))
                },
                await #expect(throws: StoreError.self) {
                    try await stores.fleets.removeVehicle(van, of: north)
                },
            ]
            #expect(errors.map { $0?.kind } == [.notFound, .notFound])
            #expect(try await stores.fleets.revision() == before)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func ingest_doesNotChangeTheRevision(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            let before = try await stores.fleets.revision()
            try await stores.record(post([try fix("a", 0)]))
            #expect(try await stores.fleets.revision() == before)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func readdedFleet_isAnotherOne_andStartsEmpty(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            try await stores.record(post([try fix("a", 0)]))
            let first = try #require(try await stores.fleets.fleets([north])[north])
            try await stores.fleets.removeFleet(north)
            #expect(try await stores.newest().isEmpty)
            let refused = await #expect(throws: StoreError.self) {
                try await stores.record(post([try fix("a", 1)]))
            }
            #expect(refused?.kind == .notFound)
            try await stores.fleets.add(Fleet(id: north, name: "North"))
            let second = try #require(try await stores.fleets.fleets([north])[north])
            #expect(second.incarnation != first.incarnation)
            #expect(try await stores.newest().isEmpty)
            let outcome = try await stores.record(post([try fix("a", 0)]))
            #expect(outcome == [.init(accepted: 1, duplicates: 0)])
            #expect(try await stores.newest().count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func removedVehicle_comesBackAsAnotherOne_alsoWithTheSameFix(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            let van = try #require(VehicleID("a"))
            try await stores.record(post([try fix("a", 0), try fix("a", 1), try fix("b", 0)]))
            try await stores.fleets.removeVehicle(van, of: north)
            #expect(try await stores.newest().map(\.fix.vehicleID.rawValue) == ["b"])
            let outcome = try await stores.record(post([try fix("a", 0), try fix("b", 1)]))
            #expect(outcome == [.init(accepted: 2, duplicates: 0)])
            #expect(try await stores.newest().count == 2)
            #expect(try await stores.history(van) == [try fix("a", 0)])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func recentRemovals_nameEachVehicleOnce_withItsNewestFix(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            let (a, b) = (try #require(VehicleID("a")), try #require(VehicleID("b")))
            let before = try await stores.fleets.revision()
            try await stores.record(post([try fix("a", 0), try fix("b", 0)]))
            for second in 1...2 {
                try await stores.fleets.removeVehicle(a, of: north)
                try await stores.record(post([try fix("a", second)]))
            }
            try await stores.fleets.removeVehicle(b, of: north)
            let removals = try await stores.fleets.recentRemovals(within: .seconds(30))
                .sorted { $0.vehicleID < $1.vehicleID }
            #expect(removals.map(\.vehicleID) == [a, b] && removals.map(\.fleetID) == [north, north])
            #expect(removals.map(\.newest) == [try fix("a", 2), nil])
            #expect(try await stores.fleets.recentRemovals(within: .zero) == [])
            #expect(try await stores.fleets.revision() == before + 3)
            // The vehicles of a removed fleet are not listed.
            try await stores.fleets.removeFleet(north)
            #expect(try await stores.fleets.recentRemovals(within: .seconds(30)) == [])
        }
    }
}
