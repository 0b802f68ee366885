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

    /// Gives `body` a bench with one fleet, `north`.
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
    /// - Parameter key: what seals their secrets.
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
    /// Makes posts durable, however long a loaded machine takes.
    func record(_ posts: [PendingPost]) async throws(StoreError) -> [PostOutcome] {
        try await record(posts, by: Deadline(after: .seconds(60)))
    }
}

extension PostOutcome {
    /// Without the places.
    var counts: PostOutcome { PostOutcome(accepted: accepted, duplicates: duplicates) }
}

/// An id that the test knows to be well formed; another one otherwise, on which the test then fails.
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
