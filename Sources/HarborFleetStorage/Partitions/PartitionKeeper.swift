package import HarborFleet
package import Postgres
package import StoreCache

/// Maintains the daily partitions of `fixes`: it creates those of the retention and of the week ahead, and drops
/// expired ones whole.
///
/// None of this makes readers or writers of `fixes` wait. Tables are created alone and then attached, which locks
/// `fixes` only with SHARE UPDATE EXCLUSIVE. They are detached concurrently before they are dropped. CREATE TABLE …
/// PARTITION OF and DROP TABLE would lock `fixes`. The keeper waits for no lock longer than a moment. There is no
/// DEFAULT partition, because attaching would have to scan it.
package struct PartitionKeeper: Sendable {
    /// What a run did, and what it could not do.
    package struct Report: Sendable, Equatable {
        /// Names of tables.
        package var created: [String] = []
        package var dropped: [String] = []
        /// The reasons why single days or partitions could not be handled. The others were handled.
        package var problems: [String] = []
    }

    /// The number of tables created in one transaction. Each needs about five locks from a shared table, which has
    /// 6,400 by default.
    package static let tablesAtOnce = 100
    /// "HFLT" and "PART".
    private static let lock = AdvisoryLock(key: 0x4846_4C54_5041_5254)

    private let configuration: PartitionKeeperConfiguration

    package init(configuration: PartitionKeeperConfiguration = PartitionKeeperConfiguration()) {
        self.configuration = configuration
    }

    /// Reads which partitions exist. Takes no lock that other sessions wait for.
    package func survey(on connection: PostgresConnection) async throws(StoreError) -> PartitionSurvey {
        try await upkeep(connection, .schema) { try await PartitionSurvey(on: connection) }
    }

    /// Creates the missing partitions. Before that, it completes the detaches of wanted days that an earlier run left
    /// half done. Each run of the maintainer calls it; the first run is before the server is ready. It takes no lock
    /// when there is nothing to do.
    /// - Parameters:
    ///   - limit: the maximum number of tables. Other work may use the connection between two calls. The most
    ///     urgent days come first.
    ///   - connection: must not go through a PgBouncer, because the lock belongs to the session.
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
                // Planned again under the lock: another keeper may have created partitions meanwhile.
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
    /// A detach must wait for transactions that have used `fixes` since before it began. It waits for them at most
    /// as long as for a lock; the next run continues where this one gave up.
    /// - Parameters:
    ///   - limit: the maximum number of partitions to detach. Other work may use the connection between two calls.
    ///   - horizon: returns the limits for expired data. Called twice, the second time under the keepers' lock:
    ///     another keeper may meanwhile have created partitions for a server with a longer retention.
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

    /// The partitions and tables to drop.
    private struct Leftovers {
        var detaching: [PartitionSurvey.Partition]
        var expired: [PartitionSurvey.Partition]
        /// Expired tables that were detached or never attached.
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

    /// Creates many tables at once. When the server refuses that, creates each by itself, so that one failing table
    /// does not block the others.
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
                // This server has a smaller table of locks.
                if error.isOutOfLocks, slice.count > 1 {
                    size = slice.count / 2
                    continue
                }
                rest = rest.dropFirst(slice.count)
                guard error.isOfOneTable else { throw error }
                // The other tables would fail for the same reason.
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

    /// An interrupted detach can be ended only with FINALIZE, and no other detach can begin before that.
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

    /// Runs a statement that concerns one table. A refusal goes into the report; an unavailable database is thrown.
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

    /// Uses the simple protocol. A single statement then runs outside of any transaction, as DETACH CONCURRENTLY
    /// requires; several statements form one transaction.
    private func run(_ sql: String, _ connection: PostgresConnection) async throws {
        try await connection.execute(script: sql, timeout: configuration.statementTimeout)
    }

    private func locked<Value>(
        _ connection: PostgresConnection, _ body: () async throws -> Value
    ) async throws -> Value {
        guard try await Self.lock.acquire(on: connection, within: configuration.patience) else {
            throw StoreError(.unavailable, detail: "another server is maintaining the partitions")
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
        problems = plan.blocked.map { "\($0.tableName): another partition covers a part of that day" }
    }
}

extension PostgresError {
    /// Whether the server refused the statement because of the table or its user, and not because of the present
    /// state of the database.
    fileprivate var isOfOneTable: Bool { sqlState != nil && !isUnavailable }

    /// Whether a lock on `fixes` was held by another session, or a right is missing. Both affect all tables.
    fileprivate var isOfAllTables: Bool { sqlState == Self.lockNotAvailable || sqlState == "42501" }
}

extension PostgresConnection {
    /// Why a statement was refused, and how to repair the cause.
    fileprivate func reason(of error: PostgresError) async -> String {
        guard error.sqlState != PostgresError.lockNotAvailable else {
            return "another session used it, or fixes, for longer than the lock time-out"
        }
        return await MissingRights.explained(error, .schema, on: self).description
    }
}

/// The time limits of the keeper.
package struct PartitionKeeperConfiguration: Sendable {
    /// The limit for a lock, and for the transactions that a detach must wait for. Must be more than
    /// `deadlock_timeout` (1 s), after which PostgreSQL cancels an autovacuum that is in the way. Default 5 s.
    package var lockTimeout: Duration = .seconds(5)
    /// The limit for one statement, or for the tables of one transaction. Default 60 s.
    package var statementTimeout: Duration = .seconds(60)
    /// How long to wait for another keeper to finish. Default 60 s.
    package var patience: Duration = .seconds(60)

    package init() {}
}
