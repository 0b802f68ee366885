package import HarborFleet
package import Postgres

/// Keeps the daily partitions of `fixes`: those of the retention and a week ahead are there, expired ones go whole.
///
/// Tables are made alone and then attached, and detached concurrently before they are dropped: CREATE TABLE …
/// PARTITION OF and DROP TABLE would lock `fixes` against writers. There is no DEFAULT partition: attaching would
/// have to scan it.
package struct PartitionKeeper: Sendable {
    /// What was done.
    package struct Report: Sendable, Equatable {
        /// Names of tables.
        package var created: [String] = []
        package var dropped: [String] = []
    }

    /// Tables made in one transaction; each takes a few locks out of a shared table of 6,400 by default.
    private static let tablesPerTransaction = 400
    /// "HFLT" and "PART".
    private static let lockKey: Int64 = 0x4846_4C54_5041_5254

    private let configuration: PartitionKeeperConfiguration

    package init(configuration: PartitionKeeperConfiguration = PartitionKeeperConfiguration()) {
        self.configuration = configuration
    }

    /// Makes what is missing. Done before a server is ready.
    /// - Parameter connection: not one through a PgBouncer, since the lock belongs to the session.
    package func ensure(
        now: Timestamp, retentionDays: Int, on connection: PostgresConnection
    ) async throws(StoreError) -> Report {
        try await storing {
            try await locked(connection) {
                let plan = try await plan(now, retentionDays, connection)
                var report = Report()
                var rest = plan.missing[...]
                while !rest.isEmpty {
                    let slice = rest.prefix(Self.tablesPerTransaction)
                    rest = rest.dropFirst(slice.count)
                    try await connection.execute(
                        script: slice.map(Self.createSQL).joined(), timeout: configuration.createTimeout)
                    report.created += slice.map(\.tableName)
                }
                return report
            }
        }
    }

    /// Drops what has expired, and finishes what an earlier run left half done.
    package func dropExpired(
        now: Timestamp, retentionDays: Int, on connection: PostgresConnection
    ) async throws(StoreError) -> Report {
        try await storing {
            try await locked(connection) {
                try await finishDetaching(connection)
                let plan = try await plan(now, retentionDays, connection)
                for day in plan.expired {
                    try await run(
                        "ALTER TABLE fixes DETACH PARTITION \(day.tableName) CONCURRENTLY", connection)
                }
                var report = Report()
                let first = PartitionDay(of: now).daysSince1970 - max(retentionDays, 1)
                for day in try await detached(connection) where day.daysSince1970 < first {
                    try await run("DROP TABLE \(day.tableName)", connection)
                    report.dropped.append(day.tableName)
                }
                return report
            }
        }
    }

    /// A detach that was interrupted: only FINALIZE ends it, and until then no other can begin.
    private func finishDetaching(_ connection: PostgresConnection) async throws {
        let rows = try await connection.query(
            """
            SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'fixes'::regclass AND i.inhdetachpending
            """)
        for row in rows {
            guard let day = PartitionDay(tableName: try row.string(0)) else { continue }
            try await run("ALTER TABLE fixes DETACH PARTITION \(day.tableName) FINALIZE", connection)
        }
    }

    private func plan(
        _ now: Timestamp, _ retentionDays: Int, _ connection: PostgresConnection
    ) async throws -> PartitionPlan {
        let rows = try await connection.query(
            """
            SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'fixes'::regclass
            """)
        let attached = try rows.compactMap { row in PartitionDay(tableName: try row.string(0)) }
        return PartitionPlan(attached: Set(attached), now: now, retentionDays: retentionDays)
    }

    /// Tables with the name of a partition that are none: detached and not dropped.
    private func detached(_ connection: PostgresConnection) async throws -> [PartitionDay] {
        let rows = try await connection.query(
            """
            SELECT c.relname FROM pg_class c
            WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'fixes'::regclass)
                AND c.relkind = 'r' AND NOT c.relispartition AND c.relname ~ '^fixes_[0-9]{8}$'
            ORDER BY c.relname
            """)
        return try rows.compactMap { row in PartitionDay(tableName: try row.string(0)) }
    }

    /// One statement outside of any transaction, by the simple protocol: DETACH CONCURRENTLY wants that.
    private func run(_ sql: String, _ connection: PostgresConnection) async throws {
        try await connection.execute(script: sql, timeout: configuration.dropTimeout)
    }

    private func locked<Value>(
        _ connection: PostgresConnection, _ body: () async throws -> Value
    ) async throws -> Value {
        _ = try await connection.query(
            "SELECT pg_advisory_lock($1)", [.int8(Self.lockKey)], timeout: configuration.createTimeout)
        do {
            let value = try await body()
            try await unlock(connection)
            return value
        } catch {
            // The connection may be gone, and its lock with it.
            try? await unlock(connection)
            throw error
        }
    }

    private func unlock(_ connection: PostgresConnection) async throws {
        _ = try await connection.query("SELECT pg_advisory_unlock($1)", [.int8(Self.lockKey)])
    }

    private static func createSQL(_ day: PartitionDay) -> String {
        """
        CREATE TABLE IF NOT EXISTS \(day.tableName) (LIKE fixes INCLUDING ALL);
        ALTER TABLE fixes ATTACH PARTITION \(day.tableName) FOR VALUES FROM ('\(day.start)') TO ('\(day.next.start)');

        """
    }
}

/// How long the keeper may take.
package struct PartitionKeeperConfiguration: Sendable {
    /// For the tables of one transaction, and for waiting for another keeper. Default 60 s.
    package var createTimeout: Duration = .seconds(60)
    /// For one detach, which waits for the transactions that use the table, or one drop. Default 60 s.
    package var dropTimeout: Duration = .seconds(60)

    package init() {}
}
