package import EventLoops
internal import Foundation
package import Logging
package import Postgres
internal import Supervision

/// One real PostgreSQL server per test process, in a temporary directory, on a Unix socket only. Each test makes
/// a database of its own in it.
///
///     let database = try await TestPostgres.shared.makeDatabase()
///     let pool = PostgresPool(configuration: database.configuration, on: database.loop, logger: database.logger)
///
/// The server is stopped and its directory deleted when this process ends, even when killed. fsync is off,
/// because these tests do not check the disk. A test that makes PostgreSQL fail has a `PostgresCluster` of its
/// own.
package final class TestPostgres: Sendable {
    /// Started by the first test that uses it.
    package static var shared: TestPostgres {
        get throws { try started.get() }
    }
    private static let started = Result { try TestPostgres() }

    /// A test's own database, and a loop for its connections.
    package struct Database: Sendable {
        package let url: String
        package let loop: EventLoop
        package let logger: Logger

        /// The configuration for another role of the server.
        package func configuration(of role: String) -> PostgresConfiguration {
            PostgresConfiguration(
                url: url.replacing("user=postgres", with: "user=\(role)"),
                applicationName: "harbor-fleet/test")
        }

        package var configuration: PostgresConfiguration {
            PostgresConfiguration(url: url, applicationName: "harbor-fleet/test")
        }

        /// A connection, which the test closes.
        /// - Parameter configuration: the database to connect to; nil for this one.
        package func connect(
            _ configuration: PostgresConfiguration? = nil
        ) async throws(PostgresError) -> PostgresConnection {
            try await PostgresConnection.open(
                configuration ?? self.configuration, on: loop, logger: logger)
        }

        /// Passes a connection to `body`, see `connect`.
        package func withConnection<Value>(
            _ configuration: PostgresConfiguration? = nil, _ body: (PostgresConnection) async throws -> Value
        ) async throws -> Value {
            let connection = try await connect(configuration)
            let result = await Result { try await body(connection) }
            await connection.close()
            return try result.get()
        }

        /// A running pool, which the test must stop.
        /// - Parameter configuration: the database to connect to; nil for this one.
        package func startPool(
            _ configuration: PostgresConfiguration? = nil, size: Int, maximumWaiting: Int = 256,
            acquireTimeout: Duration = .seconds(5), logger: Logger? = nil
        ) -> PostgresPool {
            let pool = PostgresPool(
                configuration: configuration ?? self.configuration, on: loop, size: size,
                maximumWaiting: maximumWaiting, acquireTimeout: acquireTimeout, logger: logger ?? self.logger)
            pool.start()
            return pool
        }
    }

    /// Passes a connection to a new database to `body`.
    package static func withConnection<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await shared.makeDatabase().withConnection(nil, body)
    }

    private let directory: String
    private let loop: EventLoop
    private let watchdog: Watchdog

    private init() throws {
        // Short, because a socket's path has at most 107 bytes.
        directory = "/tmp/hf-pg-\(getpid())"
        let binaries = try PostgresTools.binaries()
        let options =
            "-k \(directory) -c listen_addresses='' -c fsync=off -c max_connections=500 -c log_min_messages=warning"
        try PostgresTools.run(
            PostgresTools.initialise + "\n" + PostgresTools.start, [directory, binaries, options])
        watchdog = try PostgresTools.watchdog(Self.watchdogScript, [directory, binaries])
        loop = try EventLoop(label: "harbor.test.postgres")
        loop.start()
    }

    /// Makes an empty database.
    /// - Parameter encoding: PostgreSQL's name of the encoding; UTF8 by default.
    package func makeDatabase(encoding: String = "UTF8") async throws -> Database {
        let name = "test_" + UUID().uuidString.lowercased().filter { $0 != "-" }
        let configuration = PostgresConfiguration(
            url: url(database: "postgres"), applicationName: "harbor-fleet/test",
            statementTimeout: .seconds(60))
        let connection = try await PostgresConnection.open(configuration, on: loop, logger: .silent)
        try await connection.execute(
            script: "CREATE DATABASE \(name) ENCODING '\(encoding)' LOCALE 'C' TEMPLATE template0")
        await connection.close()
        return Database(url: url(database: name), loop: loop, logger: .silent)
    }

    private func url(database: String) -> String {
        "host=\(directory) dbname=\(database) user=postgres"
    }

    private static let watchdogScript = """
        as_owner "$2/pg_ctl" -D "$1/data" -s -w -m immediate stop
        rm -rf "$1"
        """
}
