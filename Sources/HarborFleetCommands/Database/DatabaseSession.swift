internal import EventLoops
internal import Glibc
internal import Logging
internal import Postgres
internal import PrivatePostgres
internal import Supervision

/// Connects one command to the database.
enum DatabaseSession {
    /// Passes a pool to `body`: of `DATABASE_URL` (for `direct`, of `DATABASE_DIRECT_URL` if that is set), else
    /// of the private PostgreSQL. If the private PostgreSQL does not run, it runs for as long as `body` takes.
    /// - Throws: `PrivatePostgresError.missing` when it does not exist and may not be created.
    static func open<Value: Sendable>(
        _ choice: DatabaseChoice, direct: Bool = false,
        _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let (configuration, logger) = (choice.configuration, Self.logger)
        if let url = (direct ? configuration.databaseDirectURL : nil) ?? configuration.databaseURL {
            return try await withPool(url.value, logger, body)
        }
        let postgres = PrivateCluster(
            dataDirectory: configuration.dataDirectory, maxConnections: configuration.databasePoolSize + 24,
            logger: logger)
        return try await postgres.withServer(
            makingIt: choice.mayMake, onWait: { StandardStreams.writeError($0) },
            { url in try await withPool(url, logger, body) })
    }

    private static func withPool<Value: Sendable>(
        _ url: String, _ logger: Logger, _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let loop = try EventLoop(label: "harbor-fleet.command")
        loop.start()
        let pool = PostgresPool(
            configuration: PostgresConfiguration(url: url, applicationName: "harbor-fleet/command"), on: loop,
            size: 1, logger: logger)
        pool.start()
        let result = await Result { try await body(pool) }
        // Stopped before its health is read: a caller that timed out in the pool's queue may learn of the
        // failure before the pool has recorded the reason.
        await pool.stop()
        await loop.stop()
        return try result.mapError { explained($0, pool.health) }.get()
    }

    /// A time-out in the queue of a pool without a connection says little; the reason why it has none says it
    /// all.
    private static func explained(_ error: any Error, _ health: PoolHealth) -> any Error {
        guard let reason = health.lastError else { return error }
        let lines = reason.debugDescription.split(separator: "\n")
        return CommandFailure("the database cannot be reached: \(lines.first ?? "")")
    }

    /// Logs only errors worse than a connection that is retried: the command itself says why it failed.
    static var logger: Logger {
        var logger = Logger(label: "harbor-fleet") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        return logger
    }
}
