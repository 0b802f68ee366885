import FleetAccess
import HarborFleet
import HarborFleetTesting
import Postgres
import StoreCache
import Testing

@testable import HarborFleetStorage

/// The errors of the stores for a database that is in trouble.
@Suite(.timeLimit(.minutes(2))) struct TroubleTests {
    @Test func database_isUnavailable_withoutASchema() async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        let pool = database.startPool(size: 1)
        let fleets = PostgresFleetStore(pool: pool)
        let fixes = PostgresFixStore(pool: pool, recorder: pool)
        let revision = await #expect(throws: StoreError.self) { try await fleets.revision() }
        #expect(revision?.kind == .unavailable)
        let load = await #expect(throws: StoreError.self) {
            try await fixes.newestFixes(of: StorageBench.north)
        }
        #expect(load?.kind == .unavailable)
        await pool.stop()
    }

    @Test(arguments: ["58030", "57014", "53100", "XX000", "42501", "42P01"])
    func database_isUnavailable_whenItIsInTrouble(sqlState: String) {
        let error = PostgresError(.server(sqlState: sqlState), "")
        #expect(StoreError(error).kind == .unavailable)
    }

    @Test func fullPool_isBusy_andOtherFailuresAreNot() {
        for kind in [PostgresError.Kind.connection, .timeout, .closed, .server(sqlState: "57P01")] {
            let error = StoreError(PostgresError(kind, ""))
            #expect(error.kind == .unavailable && !error.isBusy, "\(kind)")
        }
        let full = StoreError(PostgresError(.poolExhausted, ""))
        #expect(full.kind == .unavailable && full.isBusy)
    }

    @Test(arguments: ["23514", "22003", "42601"])
    func refusedInput_isRejected(sqlState: String) {
        let error = PostgresError(.server(sqlState: sqlState), "", constraint: "fixes_lat_check")
        #expect(StoreError(error).kind == .rejected)
    }

    /// PostgreSQL names no constraint when a row fits no partition.
    @Test func row_isNotYetStorable_withoutAPartition() {
        let error = PostgresError(.server(sqlState: "23514"), "")
        #expect(StoreError(error).kind == .notYet)
    }

    @Test func token_isFound_whenItsUseCannotBeWritten() async throws {
        try await StorageBench.with { bench in
            let token = Token(
                name: "desk", role: .viewer, scope: .fleets([StorageBench.north]), createdAt: StorageBench.now
            )
            let hash = Credentials.hash("desk")
            try await PostgresTokenStore(pool: bench.pool).add(token, hash: hash)

            var configuration = bench.database.configuration
            configuration.url += " options='-c default_transaction_read_only=on'"
            let reading = bench.database.startPool(configuration, size: 1)
            let found = try await PostgresTokenStore(pool: reading).tokens(hashes: [hash])[hash]
            #expect(found == token)
            await reading.stop()

            // The lock is held until the look-up has returned.
            try await bench.recorder.transaction { connection in
                _ = try await connection.query("SELECT 1 FROM tokens FOR UPDATE")
                let found = try await PostgresTokenStore(pool: bench.pool).tokens(hashes: [hash])[hash]
                #expect(found == token)
            }
        }
    }

    @Test func largeFleet_isLoadedWhole() async throws {
        try await StorageBench.with { bench in
            let rows = try (0..<1_234).map { try fix("v\($0)", 0) }
            _ = try await bench.fixes.record([post(rows)])
            let newest = try await bench.fixes.newestFixes(of: StorageBench.north)
            #expect(Set(newest.map(\.fix.vehicleID)).count == 1_234)
        }
    }
}
