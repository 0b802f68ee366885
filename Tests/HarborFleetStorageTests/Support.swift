import FleetAccess
import HarborFleet
import HarborFleetTesting
import Postgres
import StoreCache
import Supervision
import Testing

@testable import HarborFleetStorage

/// A migrated database with partitions around 2026-11-20, a pool for reads and one for the recorder.
struct StorageBench: PostgresQuerying {
    static let now = Timestamp(milliseconds: 1_795_176_000_000)
    static let north = fleetID("north")

    let database: TestPostgres.Database
    let pool: PostgresPool
    let recorder: PostgresPool
    let fixes: PostgresFixStore
    let fleets: PostgresFleetStore

    /// Runs `body` with a bench that has one fleet, `north`.
    static func with(_ body: (StorageBench) async throws -> Void) async throws {
        let bench = try await StorageBench()
        let result = await Result { try await body(bench) }
        await bench.stop()
        try result.get()
    }

    private init() async throws {
        database = try await TestPostgres.shared.makeDatabase()
        try await database.withConnection { connection in
            _ = try await StorageMigrations.migrator.apply(on: connection)
            _ = try await PartitionKeeper().ensure(now: Self.now, retentionDays: 3, on: connection)
        }
        var configuration = database.configuration
        configuration.statementTimeout = .seconds(30)
        pool = database.startPool(configuration, size: 2, acquireTimeout: .seconds(30))
        configuration.applicationName = "harbor-fleet/test/recorder"
        recorder = database.startPool(configuration, size: 2, acquireTimeout: .seconds(30))
        fixes = PostgresFixStore(pool: pool, recorder: recorder)
        fleets = PostgresFleetStore(pool: pool)
        try await fleets.add(Fleet(id: Self.north, name: "North"))
    }

    private func stop() async {
        await pool.stop()
        await recorder.stop()
    }

    func unit(
        _ statements: [PostgresStatement], timeout: Duration?
    ) async throws(PostgresError) -> [PostgresRows] {
        try await pool.unit(statements, timeout: timeout)
    }

    /// The store of partners.
    /// - Parameter key: every byte of the key that seals their secrets.
    func partners(sealedBy key: UInt8 = 7) -> PostgresPartnerStore {
        PostgresPartnerStore(
            pool: pool, sealer: SecretSealer(key: [UInt8](repeating: key, count: 32)), logger: database.logger
        )
    }

    func partner(_ id: String) throws -> Partner {
        Partner(id: try #require(PartnerID(id)), fleets: [Self.north], createdAt: Self.now)
    }

    func execute(_ sql: String) async throws {
        try await pool.withConnection { connection in _ = try await connection.execute(script: sql) }
    }
}

extension PostgresFixStore {
    /// Records posts with a deadline that also a loaded machine keeps.
    func record(_ posts: [PendingPost]) async throws(StoreError) -> [PostOutcome] {
        try await record(posts, by: Deadline(after: .seconds(60)))
    }
}

extension PostOutcome {
    /// The outcome without the accepted places.
    var counts: PostOutcome { PostOutcome(accepted: accepted, duplicates: duplicates) }
}

/// The id of a text that is well formed. A test with another text gets the id of `north` and fails.
func fleetID(_ text: String) -> FleetID {
    FleetID(text) ?? StorageBench.north
}

/// A fix of `vehicle`, `second` seconds after the bench's now.
func fix(
    _ vehicle: String, _ second: Int, latitude: Double = 53.5, attributes: String? = nil,
    derivedSpeed: Double? = nil
) throws -> StoredFix {
    let fix = Fix(
        vehicleID: try #require(VehicleID(vehicle)),
        recordedAt: StorageBench.now.advanced(by: .seconds(second)), latitudeDegrees: latitude,
        longitudeDegrees: 9.9, attributes: attributes.map { Array($0.utf8) })
    return StoredFix(fix: fix, receivedAt: StorageBench.now, derivedSpeedMetersPerSecond: derivedSpeed)
}

/// A post to `fleet` with a new id.
func post(_ fixes: [StoredFix], to fleet: FleetID = StorageBench.north) -> PendingPost {
    PendingPost(
        postID: .make(at: StorageBench.now), fleetID: fleet, partnerID: PartnerID("acme"), webhookID: "msg_1",
        receivedAt: StorageBench.now, bodyBytes: 100, bodyHash: [1, 2, 3], fixes: fixes)
}
