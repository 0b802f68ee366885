import HarborFleet
import StoreCache
import Testing

@testable import HarborFleetStorage

/// What `TrackStore` promises, for both stores.
@Suite(.timeLimit(.minutes(2))) struct SharedTrackStoreTests {
    private func van() throws -> VehicleID { try #require(VehicleID("van-7")) }

    @Test(arguments: StoreKind.allCases)
    func page_hasTheOldestFixesOfItsPeriod(kind: StoreKind) async throws {
        try await SharedTrackStore.with(kind) { store in
            let van = try van()
            let fixes = SharedTrackStore.fixes(10, of: van)
            try await store.put(van, fixes)
            let vehicle = try await store.vehicle(van)
            // The lower bound is part of a period, and the upper bound is not.
            let pages = [(-9, 99, 99, 0..<10), (-9, 99, 3, 0..<3), (2, 5, 99, 2..<5), (2, 5, 2, 2..<4)]
            for (from, to, limit, expected) in pages {
                let page = try await store.tracks.fixes(
                    of: vehicle, in: SharedTrackStore.period(from, to), limit: limit, attributeBytes: .max)
                #expect(page == Array(fixes[expected]), "\(from)..<\(to), \(limit)")
            }
            for (from, to) in [(3, 3), (-9, 0), (10, 99)] {
                let page = try await store.tracks.fixes(
                    of: vehicle, in: SharedTrackStore.period(from, to), limit: 9, attributeBytes: .max)
                #expect(page.isEmpty, "\(from)..<\(to)")
            }
        }
    }

    /// A fix without attributes costs none of the limit.
    @Test(arguments: StoreKind.allCases)
    func page_isBoundedByAttributeBytes(kind: StoreKind) async throws {
        try await SharedTrackStore.with(kind) { store in
            let van = try van()
            // The text is stored as {"a":"…"}, 100 bytes of UTF-8.
            let attributes = Array("{\"a\":\"\(String(repeating: "é", count: 46))\"}".utf8)
            try #require(attributes.count == 100)
            let fixes = SharedTrackStore.fixes(8, of: van) { index, fix in
                if 2...6 ~= index { fix.attributes = attributes }
            }
            try await store.put(van, fixes)
            let vehicle = try await store.vehicle(van)
            for (bytes, count) in [(1, 3), (100, 3), (101, 4), (300, 5), (301, 6), (500, 7), (501, 8)] {
                let page = try await store.tracks.fixes(
                    of: vehicle, in: SharedTrackStore.period(-9, 99), limit: 100, attributeBytes: bytes)
                #expect(page == Array(fixes.prefix(count)), "\(bytes) bytes")
            }
            let page = try await store.tracks.fixes(
                of: vehicle, in: SharedTrackStore.period(1, 99), limit: 3, attributeBytes: 150)
            #expect(page == Array(fixes[1...3]))
        }
    }

    /// A vehicle that comes back is another one.
    @Test(arguments: StoreKind.allCases)
    func vehicle_isFound_whileItExists(kind: StoreKind) async throws {
        try await SharedTrackStore.with(kind) { store in
            let van = try van()
            try await store.put(van, SharedTrackStore.fixes(3, of: van))
            let first = try await store.vehicle(van)
            let other = try #require(VehicleID("van-8"))
            #expect(try await store.tracks.vehicle(van, of: fleetID("south")) == .unknownFleet)
            #expect(try await store.tracks.vehicle(other, of: StorageBench.north) == .unknownVehicle)
            try await store.remove(van)
            #expect(try await store.tracks.vehicle(van, of: StorageBench.north) == .unknownVehicle)
            try await store.put(van, SharedTrackStore.fixes(1, of: van))
            let second = try await store.vehicle(van)
            #expect(second.id == first.id && second.key != first.key)
            let page = try await store.tracks.fixes(
                of: second, in: SharedTrackStore.period(-9, 99), limit: 9, attributeBytes: .max)
            #expect(page.count == 1)
        }
    }

    /// The shorter way from 170 to -20 crosses the antimeridian, between the sixth fix and the one before.
    @Test(arguments: StoreKind.allCases)
    func crossing_isFound_withinThePeriodAndTheLimit(kind: StoreKind) async throws {
        try await SharedTrackStore.with(kind) { store in
            let van = try van()
            let longitudes: [Double] = [10, 100, 175, 179.5, 170, -20, -30]
            let fixes = SharedTrackStore.fixes(longitudes.count, of: van) { index, fix in
                fix.longitudeDegrees = longitudes[index]
            }
            try await store.put(van, fixes)
            let vehicle = try await store.vehicle(van)
            for (from, to, limit, expected) in [
                (-9, 99, 1, false), (-9, 99, 5, false), (-9, 99, 6, true), (-9, 99, 99, true),
                (4, 6, 99, true), (5, 99, 99, false), (-9, 5, 99, false), (3, 3, 99, false),
            ] {
                let crosses = try await store.tracks.crossesAntimeridian(
                    vehicle, in: SharedTrackStore.period(from, to), limit: limit)
                #expect(crosses == expected, "\(from)..<\(to), \(limit)")
            }
        }
    }
}
