internal import HarborFleet
internal import HarborFleetStorage
internal import HarborFleetWeb
internal import Logging
internal import Postgres
internal import Supervision

/// Brings the schema up to date at the start and keeps the partitions there that fixes need.
///
/// A database that is away is waited for: the server runs meanwhile, and `/ready` says why it is not ready. So is
/// whoever migrates when the server may not. A migration that cannot be applied ends the start.
struct SchemaChild: Sendable {
    private static let retryDelay: Duration = .seconds(1)
    private static let keepInterval: Duration = .seconds(3_600)
    private static let keepRetryDelay: Duration = .seconds(60)

    let parts: ServerParts

    var spec: ChildSpec {
        ChildSpec(id: "schema") { context in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await letOthersStart(context) }
                defer { group.cancelAll() }
                try await run(context)
            }
        }
    }

    /// While nobody listens at the database, the others need not wait until the pool gives up: `/ready` says why.
    /// A migration that takes its time is waited for.
    private func letOthersStart(_ context: ChildContext) async throws {
        try await Task.sleep(for: Self.retryDelay)
        if !parts.directPool.isAvailable { context.ready() }
    }

    private func run(_ context: ChildContext) async throws {
        var reported: String?
        while !(try await isCurrent(context, &reported)) { try await Task.sleep(for: Self.retryDelay) }
        var supply = PartitionSupply(filledAt: .now)
        var isKept = await dropExpired()
        while true {
            try await Task.sleep(for: isKept ? Self.keepInterval : Self.keepRetryDelay)
            isKept = await keep(&supply)
        }
    }

    /// - Returns: false when the database has to be asked again. Then the others start nevertheless.
    private func isCurrent(_ context: ChildContext, _ reported: inout String?) async throws -> Bool {
        do {
            try await migrate()
            try await makePartitions()
            parts.readiness.schemaChecked(ReadinessCheck(.ok, "the schema is current"))
            context.ready()
            return true
        } catch let error as MigrationError where !error.isPassing {
            throw error
        } catch {
            report("\(error)", &reported)
            context.ready()
            return false
        }
    }

    private func migrate() async throws {
        try await parts.directPool.withConnection { connection in
            let migrator = StorageMigrations.migrator
            guard parts.configuration.migratesOnStart else {
                let pending = try await migrator.status(on: connection).filter { $0.state == .pending }
                guard pending.isEmpty else { throw SchemaError.pending(pending.count) }
                return
            }
            for migration in try await migrator.apply(on: connection) {
                parts.logger.notice("migration applied", metadata: ["migration": "\(migration.name)"])
            }
        }
    }

    /// - Returns: whether all was done.
    private func keep(_ supply: inout PartitionSupply) async -> Bool {
        do {
            try await makePartitions()
            supply.filled(at: .now)
        } catch {
            parts.logger.warning("no partitions made", metadata: ["error": "\(error)"])
            parts.readiness.schemaChecked(supply.check(at: .now))
            return false
        }
        parts.readiness.schemaChecked(supply.check(at: .now))
        return await dropExpired()
    }

    private func makePartitions() async throws {
        let made = try await parts.directPool.withConnection { connection in
            try await PartitionKeeper().ensure(
                now: SystemWallClock().now(), retentionDays: parts.configuration.retentionDays, on: connection
            )
        }
        parts.logger.info("partitions made", metadata: ["count": "\(made.created.count)"])
    }

    /// What has expired and is still there harms nobody: it does not make the server less ready.
    /// - Returns: whether it was done.
    private func dropExpired() async -> Bool {
        do {
            let report = try await parts.directPool.withConnection { connection in
                try await PartitionKeeper().dropExpired(
                    now: SystemWallClock().now(), retentionDays: parts.configuration.retentionDays,
                    on: connection)
            }
            parts.logger.info("partitions dropped", metadata: ["count": "\(report.dropped.count)"])
            return true
        } catch {
            parts.logger.warning("no partitions dropped", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// It is asked every second: only what is new goes into the log.
    private func report(_ reason: String, _ reported: inout String?) {
        parts.readiness.schemaChecked(ReadinessCheck(.failed, reason))
        guard reason != reported else { return }
        reported = reason
        parts.logger.warning("the schema is not ready", metadata: ["error": "\(reason)"])
    }
}

/// Why the schema is not current although nothing failed.
enum SchemaError: Error, CustomStringConvertible {
    /// `HARBOR_MIGRATE` is false, so somebody else has to migrate.
    case pending(Int)

    var description: String {
        switch self {
        case .pending(let count): "\(count) migrations are pending; run harbor-fleet migrate"
        }
    }
}

extension MigrationError {
    /// Whether the same migrator may succeed later: the database was away, perhaps since the middle of a migration.
    fileprivate var isPassing: Bool {
        switch self {
        case .database: true
        case .failed(_, _, let error): error.isRetryable || error.isUnavailable
        case .edited, .unknown, .gap, .dirty, .misnumbered: false
        }
    }
}
