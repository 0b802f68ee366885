import Foundation
import HarborFleet
import HarborFleetTesting
import Logging
import Postgres
import StoreCache
import Testing

@testable import HarborFleetStorage

/// When a right is missing, upkeep repeats PostgreSQL's message and the statement that grants the right.
@Suite(.timeLimit(.minutes(2))) struct RightsTests {
    /// Makes a role that may log in. The tables belong to the superuser.
    private func role(_ bench: StorageBench, _ statements: (String) -> String) async throws -> String {
        let role = "app_" + UUID().uuidString.prefix(8).lowercased()
        try await bench.execute("CREATE ROLE \(role) LOGIN; \(statements(role))")
        return role
    }

    @Test func keeper_reportsTheMissingOwnershipOnce_forAllDays() async throws {
        try await StorageBench.with { bench in
            let role = try await role(bench) {
                "GRANT USAGE, CREATE ON SCHEMA public TO \($0); GRANT ALL ON ALL TABLES IN SCHEMA public TO \($0)"
            }
            let connection = try await bench.database.connect(bench.database.configuration(of: role))
            let later = StorageBench.now.advanced(by: .seconds(2 * 86_400))
            let report = try await PartitionKeeper().ensure(now: later, retentionDays: 3, on: connection)
            #expect(report.created == [])
            #expect(
                report.problems == [
                    """
                    2 partitions: must be owner of table fixes (SQLSTATE 42501). The tables belong to postgres: set \
                    DATABASE_DIRECT_URL to connect as that role
                    """
                ])
            await connection.close()
        }
    }

    @Test func sweep_namesTheTableAndTheGrant_withoutTheRight() async throws {
        try await StorageBench.with { bench in
            let role = try await role(bench) { "GRANT SELECT ON ALL TABLES IN SCHEMA public TO \($0)" }
            let pool = bench.database.startPool(bench.database.configuration(of: role), size: 1)
            let error = await #expect(throws: StoreError.self) {
                try await ReceiptSweeper(pool: pool).delete(before: StorageBench.now)
            }
            let grant = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO \(role);"
            #expect(
                error?.detail
                    == "permission denied for table receipts (SQLSTATE 42501). To fix this, run: \(grant)")
            #expect(error?.kind == .unavailable && error?.isRefusal == true)
            try await bench.execute(grant)
            let gone = try await ReceiptSweeper(pool: pool).delete(before: StorageBench.now)
            #expect(gone == 0)
            await pool.stop()
        }
    }

    @Test func guard_namesItsTable_withoutTheRight() async throws {
        try await StorageBench.with { bench in
            let role = try await role(bench) { _ in "SELECT 1" }
            let connection = try await bench.database.connect(bench.database.configuration(of: role))
            let guardian = RetentionGuard(server: "s", fixDays: 3, receiptDays: 3)
            let error = await #expect(throws: StoreError.self) {
                try await guardian.horizon(now: StorageBench.now, on: connection)
            }
            #expect(
                error?.detail.hasPrefix("permission denied for table retention_clock (SQLSTATE 42501)")
                    == true)
            #expect(error?.detail.contains("To fix this, run: GRANT SELECT, INSERT") == true)
            await connection.close()
        }
    }
}
