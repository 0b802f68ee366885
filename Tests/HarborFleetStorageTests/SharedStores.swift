import HarborFleet
import HarborFleetTesting
import StoreCache
import Supervision
import Testing

@testable import HarborFleetStorage

/// The two implementations of each store. The memory stores stand for those of PostgreSQL in the tests of all other
/// targets, so both pass one table of cases.
enum StoreKind: CaseIterable {
    case memory
    case postgreSQL
}

/// The stores of fleets and fixes, with one fleet, `north`.
struct SharedStores: Sendable {
    let fixes: any FixStore
    let fleets: any FleetStore
    /// All fixes of a vehicle of `north`, the oldest first.
    let history: @Sendable (VehicleID) async throws -> [StoredFix]

    /// Runs `body` with new stores.
    static func with(_ kind: StoreKind, _ body: (SharedStores) async throws -> Void) async throws {
        switch kind {
        case .memory: try await body(try await memory())
        case .postgreSQL:
            try await StorageBench.with { bench in try await body(postgreSQL(bench)) }
        }
    }

    private static func memory() async throws -> SharedStores {
        let fixes = MemoryFixStore()
        let fleets = MemoryFleetStore(fixes: fixes)
        try await fleets.add(Fleet(id: StorageBench.north, name: "North"))
        return SharedStores(fixes: fixes, fleets: fleets) { fixes.history(of: $0, StorageBench.north) }
    }

    private static func postgreSQL(_ bench: StorageBench) -> SharedStores {
        let tracks = PostgresTrackStore(pool: bench.pool)
        return SharedStores(fixes: bench.fixes, fleets: bench.fleets) { id in
            guard case .found(let vehicle) = try await tracks.vehicle(id, of: StorageBench.north) else {
                return []
            }
            let always = Timestamp(milliseconds: .min)..<Timestamp(milliseconds: .max)
            return try await tracks.fixes(of: vehicle, in: always, limit: 1_000, attributeBytes: .max)
        }
    }

    /// Records posts with a deadline that also a loaded machine keeps.
    @discardableResult
    func record(_ posts: PendingPost...) async throws -> [PostOutcome] {
        try await fixes.record(posts, by: Deadline(after: .seconds(60)))
    }

    /// The newest fix of each vehicle of `north`, by id.
    func newest() async throws -> [StoredFix] {
        try await fixes.newestFixes(of: StorageBench.north).sorted { $0.fix.vehicleID < $1.fix.vehicleID }
    }
}

/// A store of tracks with one fleet, `north`.
struct SharedTrackStore: Sendable {
    let tracks: any TrackStore
    /// Stores the fixes of a vehicle without fixes. They follow each other second by second from `start`.
    let put: @Sendable (VehicleID, [StoredFix]) async throws -> Void
    let remove: @Sendable (VehicleID) async throws -> Void

    static let start = MemoryTrackStore.start

    /// Runs `body` with a new store.
    static func with(_ kind: StoreKind, _ body: (SharedTrackStore) async throws -> Void) async throws {
        switch kind {
        case .memory: try await body(memory())
        case .postgreSQL:
            try await StorageBench.with { bench in try await body(postgreSQL(bench)) }
        }
    }

    private static func memory() -> SharedTrackStore {
        let tracks = MemoryTrackStore(StorageBench.north)
        return SharedTrackStore(
            tracks: tracks,
            put: { vehicle, fixes in tracks.put(fixes.count, of: vehicle) { fixes[$1] } },
            remove: { tracks.remove($0) })
    }

    private static func postgreSQL(_ bench: StorageBench) -> SharedTrackStore {
        SharedTrackStore(
            tracks: PostgresTrackStore(pool: bench.pool),
            put: { _, fixes in _ = try await bench.fixes.record([post(fixes)]) },
            remove: { try await bench.fleets.removeVehicle($0, of: StorageBench.north) })
    }

    /// The vehicle with this id, which must be there.
    func vehicle(_ id: VehicleID) async throws -> TrackedVehicle {
        let lookUp = try await tracks.vehicle(id, of: StorageBench.north)
        guard case .found(let vehicle) = lookUp else { throw TestFailure("\(id): \(lookUp)") }
        return vehicle
    }

    /// The period between two seconds after `start`.
    static func period(_ from: Int, _ to: Int) -> Range<Timestamp> {
        start.advanced(by: .seconds(from))..<start.advanced(by: .seconds(to))
    }

    /// Fixes of `vehicle`, one per second.
    static func fixes(
        _ count: Int, of vehicle: VehicleID, _ change: (_ index: Int, _ fix: inout Fix) -> Void = { _, _ in }
    ) -> [StoredFix] {
        (0..<count).map { index in
            var fix = Fix(
                vehicleID: vehicle, recordedAt: start.advanced(by: .seconds(index)), latitudeDegrees: 53.5,
                longitudeDegrees: 9.9)
            change(index, &fix)
            return StoredFix(fix: fix, receivedAt: start)
        }
    }
}
