internal import HarborFleet
internal import HarborFleetStorage
internal import HarborFleetWeb
internal import Logging
internal import Postgres
internal import Supervision

/// Brings the schema up to date at the start and keeps the partitions there that fixes need.
///
/// A database that is away is waited for: the server runs meanwhile, and `/ready` says why it is not ready. A
/// migration that cannot be applied ends the start.
struct SchemaChild: Sendable {
    private static let retryDelay: Duration = .seconds(1)
    private static let keepInterval: Duration = .seconds(3_600)

    let parts: ServerParts

    var spec: ChildSpec {
        ChildSpec(id: "schema") { context in
            while !(try await isCurrent(context)) { try await Task.sleep(for: Self.retryDelay) }
            while true {
                try await Task.sleep(for: Self.keepInterval)
                do { try await keepPartitions() } catch { report(error) }
            }
        }
    }

    /// - Returns: false when the database has to be asked again. Then the others start nevertheless.
    private func isCurrent(_ context: ChildContext) async throws -> Bool {
        do {
            try await migrate()
            try await keepPartitions()
            parts.readiness.schemaChecked(ReadinessCheck(.ok, "the schema is current"))
            context.ready()
            return true
        } catch let error as MigrationError where !error.isPassing {
            throw error
        } catch {
            report(error)
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

    private func keepPartitions() async throws {
        let now = SystemWallClock().now()
        try await parts.directPool.withConnection { connection in
            let keeper = PartitionKeeper()
            let days = parts.configuration.retentionDays
            let made = try await keeper.ensure(now: now, retentionDays: days, on: connection)
            let dropped = try await keeper.dropExpired(now: now, retentionDays: days, on: connection)
            parts.logger.info(
                "partitions kept",
                metadata: ["created": "\(made.created.count)", "dropped": "\(dropped.dropped.count)"])
        }
    }

    private func report(_ error: any Error) {
        parts.readiness.schemaChecked(ReadinessCheck(.failed, "\(error)"))
        parts.logger.warning("the schema is not ready", metadata: ["error": "\(error)"])
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
    /// Whether the same migrator may succeed later: the database was away.
    fileprivate var isPassing: Bool {
        switch self {
        case .database: true
        case .failed(_, _, let error): error.isRetryable
        case .edited, .unknown, .gap, .dirty, .misnumbered: false
        }
    }
}
