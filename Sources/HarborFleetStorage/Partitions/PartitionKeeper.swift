package import HarborFleet
package import Postgres
package import StoreCache

/// Keeps the daily partitions of `fixes`: those of the retention and a week ahead are there, expired ones go whole.
///
/// Nothing that it does makes readers or writers of `fixes` wait. Tables are made alone and then attached, which asks
/// for SHARE UPDATE EXCLUSIVE on `fixes`, and detached concurrently before they are dropped: CREATE TABLE … PARTITION
/// OF and DROP TABLE would lock `fixes`. It waits for no lock longer than a moment. There is no DEFAULT partition:
/// attaching would have to scan it.
package struct PartitionKeeper: Sendable {
    /// What was done, and what was not.
    package struct Report: Sendable, Equatable {
        /// Names of tables.
        package var created: [String] = []
        package var dropped: [String] = []
        /// What is in the way of single days or partitions; the others were dealt with.
        package var problems: [String] = []
    }

    /// Tables made in one transaction. Each takes about five locks out of a shared table, of 6,400 by default.
    package static let tablesAtOnce = 100
    /// "HFLT" and "PART".
    private static let lock = AdvisoryLock(key: 0x4846_4C54_5041_5254)

    private let configuration: PartitionKeeperConfiguration

    package init(configuration: PartitionKeeperConfiguration = PartitionKeeperConfiguration()) {
        self.configuration = configuration
    }

    /// What is there. Takes no lock that anybody waits for.
    package func survey(on connection: PostgresConnection) async throws(StoreError) -> PartitionSurvey {
        try await upkeep(connection, .schema) { try await PartitionSurvey(on: connection) }
    }

    /// Makes what is missing. Done before a server is ready. When nothing is missing nothing is locked.
    /// - Parameters:
    ///   - limit: tables at most. Between two calls other work gets the connection. The most urgent days are made first.
    ///   - connection: not one through a PgBouncer, since the lock belongs to the session.
    package func ensure(
        now: Timestamp, retentionDays: Int, limit: Int = .max, on connection: PostgresConnection
    ) async throws(StoreError) -> Report {
        func planned() async throws -> PartitionPlan {
            PartitionPlan(try await PartitionSurvey(on: connection), now: now, retentionDays: retentionDays)
        }
        return try await upkeep(connection, .schema) {
            let plan = try await planned()
            guard !plan.missing.isEmpty || !plan.halfDetached.isEmpty else { return Report(blocked: plan) }
            return try await locked(connection) {
                // Asked again: another keeper may have been at it.
                var plan = try await planned()
                var report = Report()
                if !plan.halfDetached.isEmpty {
                    try await finishDetaching(plan.halfDetached, connection, &report)
                    plan = try await planned()
                }
                report.problems += Report(blocked: plan).problems
                try await make(plan.missing.prefix(limit), connection, &report)
                return report
            }
        }
    }

    /// Drops what has expired, and finishes what an earlier run left half done.
    ///
    /// A transaction that has used `fixes` since before the detach began is waited for as long as for a lock; the next
    /// run goes on where this one gave up.
    /// - Parameters:
    ///   - limit: partitions at most that are detached. Between two calls other work gets the connection.
    ///   - horizon: asked for what has expired, and once more when no other keeper is at work: that one may have made
    ///     partitions for a server with a longer retention.
    package func dropExpired(
        limit: Int = .max, on connection: PostgresConnection,
        _ horizon: (PostgresConnection) async throws -> RetentionHorizon
    ) async throws(StoreError) -> Report {
        try await upkeep(connection, .schema) {
            let first = PartitionPlan.firstKept(by: try await horizon(connection))
            guard try await Self.leftovers(before: first, connection).isThere else { return Report() }
            return try await locked(connection) {
                let first = PartitionPlan.firstKept(by: try await horizon(connection))
                var report = Report()
                let left = try await Self.leftovers(before: first, connection)
                try await finishDetaching(left.detaching, before: first, connection, &report)
                for partition in left.expired.prefix(limit) where report.problems.isEmpty {
                    try await detachAndDrop(partition, connection, &report)
                }
                for day in left.detached { try await drop(day.tableName, connection, &report) }
                return report
            }
        }
    }

    /// What is to go.
    private struct Leftovers {
        var detaching: [PartitionSurvey.Partition]
        var expired: [PartitionSurvey.Partition]
        /// Detached or never attached, and expired.
        var detached: [PartitionDay]

        var isThere: Bool { !detaching.isEmpty || !expired.isEmpty || !detached.isEmpty }
    }

    private static func leftovers(
        before first: PartitionDay, _ connection: PostgresConnection
    ) async throws -> Leftovers {
        let survey = try await PartitionSurvey(on: connection)
        let rows = try await connection.query(PartitionSQL.detached)
        let detached = try rows.compactMap { row in PartitionDay(tableName: try row.string(0)) }
        return Leftovers(
            detaching: survey.partitions.filter(\.isDetaching), expired: survey.expired(before: first),
            detached: detached.filter { $0 < first })
    }

    // MARK: Making

    /// Many at once; when the server refuses that, each by itself, so that one that cannot be made hinders no other.
    private func make(
        _ days: ArraySlice<PartitionDay>, _ connection: PostgresConnection, _ report: inout Report
    ) async throws {
        var rest = days
        var size = Self.tablesAtOnce
        while !rest.isEmpty {
            let slice = rest.prefix(size)
            do {
                try await run(slice.map(PartitionSQL.create).joined(), connection)
                report.created += slice.map(\.tableName)
                rest = rest.dropFirst(slice.count)
            } catch let error as PostgresError {
                // A server with a smaller table of locks.
                if error.isOutOfLocks, slice.count > 1 {
                    size = slice.count / 2
                    continue
                }
                rest = rest.dropFirst(slice.count)
                guard error.isOfOneTable else { throw error }
                // The others would be refused for the same reason.
                guard !error.isOfAllTables else {
                    let reason = await connection.reason(of: error)
                    return report.problems.append("\(slice.count + rest.count) partitions: \(reason)")
                }
                for day in slice {
                    try await attempt(PartitionSQL.create(day), of: day.tableName, connection, &report) {
                        $0.created.append(day.tableName)
                    }
                }
            }
        }
    }

    // MARK: Dropping

    /// After a detach that was interrupted only FINALIZE ends it, and until then no other can begin.
    private func finishDetaching(
        _ partitions: [PartitionSurvey.Partition], before first: PartitionDay? = nil,
        _ connection: PostgresConnection, _ report: inout Report
    ) async throws {
        for partition in partitions {
            var isDetached = false
            let sql = "ALTER TABLE fixes DETACH PARTITION \(partition.name) FINALIZE"
            try await attempt(sql, of: partition.name, connection, &report) { _ in isDetached = true }
            guard isDetached, let first, partition.ends(before: first) else { continue }
            try await drop(partition.name, connection, &report)
        }
    }

    private func detachAndDrop(
        _ partition: PartitionSurvey.Partition, _ connection: PostgresConnection, _ report: inout Report
    ) async throws {
        var isDetached = false
        let sql = "ALTER TABLE fixes DETACH PARTITION \(partition.name) CONCURRENTLY"
        try await attempt(sql, of: partition.name, connection, &report) { _ in isDetached = true }
        if isDetached { try await drop(partition.name, connection, &report) }
    }

    private func drop(
        _ table: String, _ connection: PostgresConnection, _ report: inout Report
    ) async throws {
        try await attempt("DROP TABLE \(table)", of: table, connection, &report) { $0.dropped.append(table) }
    }

    // MARK: Statements

    /// Runs what concerns one table. A refusal goes into the report; a database that is away is thrown.
    private func attempt(
        _ sql: String, of table: String, _ connection: PostgresConnection, _ report: inout Report,
        _ done: (inout Report) -> Void
    ) async throws {
        do {
            try await run(sql, connection)
            done(&report)
        } catch let error as PostgresError {
            guard error.isOfOneTable else { throw error }
            report.problems.append("\(table): \(await connection.reason(of: error))")
        }
    }

    /// By the simple protocol: a single statement is outside of any transaction, as DETACH CONCURRENTLY wants it;
    /// several are one.
    private func run(_ sql: String, _ connection: PostgresConnection) async throws {
        try await connection.execute(script: sql, timeout: configuration.statementTimeout)
    }

    private func locked<Value>(
        _ connection: PostgresConnection, _ body: () async throws -> Value
    ) async throws -> Value {
        guard try await Self.lock.acquire(on: connection, within: configuration.patience) else {
            throw StoreError(.unavailable, detail: "another keeper of partitions is at work")
        }
        do {
            _ = try await connection.execute(script: LockTimeout.session(configuration.lockTimeout))
            let value = try await body()
            _ = try await connection.execute(script: "RESET lock_timeout")
            await Self.lock.release(on: connection)
            return value
        } catch {
            _ = try? await connection.execute(script: "RESET lock_timeout")
            await Self.lock.release(on: connection)
            throw error
        }
    }
}

extension PartitionKeeper.Report {
    fileprivate init(blocked plan: PartitionPlan) {
        problems = plan.blocked.map { "\($0.tableName): another partition holds a part of that day" }
    }
}

extension PostgresError {
    /// Whether the server refused it for what a table is or who uses it, not for what the database is at present.
    fileprivate var isOfOneTable: Bool { sqlState != nil && !isUnavailable }

    /// A lock on `fixes` that is held, or a right that is missing.
    fileprivate var isOfAllTables: Bool { sqlState == Self.lockNotAvailable || sqlState == "42501" }
}

extension PostgresConnection {
    /// Why a statement was refused, with what mends it.
    fileprivate func reason(of error: PostgresError) async -> String {
        guard error.sqlState != PostgresError.lockNotAvailable else {
            return "somebody has used it, or fixes, for longer than we wait"
        }
        return await MissingRights.explained(error, .schema, on: self).description
    }
}

/// How long the keeper may take.
package struct PartitionKeeperConfiguration: Sendable {
    /// For a lock, and for the transactions that a detach has to outlast. More than `deadlock_timeout` (1 s), after
    /// which an autovacuum that is in the way is cancelled. Default 5 s.
    package var lockTimeout: Duration = .seconds(5)
    /// For one statement, or the tables of one transaction. Default 60 s.
    package var statementTimeout: Duration = .seconds(60)
    /// For another keeper to finish. Default 60 s.
    package var patience: Duration = .seconds(60)

    package init() {}
}
