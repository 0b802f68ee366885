internal import EventLoops
internal import Logging
package import Postgres
internal import Supervision

/// A test's own connection to a database, past the server under test: for queries, and for locks that make the
/// server's statements wait.
///
///     let session = try await SuperuserSession(database)
///     try await session.execute("BEGIN; LOCK TABLE receipts IN ACCESS EXCLUSIVE MODE")
///     …                                                     // commits wait
///     try await session.execute("COMMIT")
///     await session.close()
package struct SuperuserSession: PostgresQuerying {
    private let connection: PostgresConnection

    /// Connects.
    package init(_ database: ClusterDatabase) async throws {
        try await self.init(url: database.superuserURL)
    }

    /// Connects to any database.
    package init(url: String, connectTimeout: Duration = .seconds(30)) async throws {
        let loop = try EventLoop(label: "test.superuser-session")
        loop.start()
        let configuration = PostgresConfiguration(
            url: url, applicationName: "harbor-fleet/test", connectTimeout: connectTimeout,
            statementTimeout: .seconds(60))
        do {
            connection = try await PostgresConnection.open(configuration, on: loop, logger: .silent)
        } catch {
            await loop.stop()
            throw error
        }
    }

    /// Runs statements on a connection of their own.
    package static func execute(_ script: String, on database: ClusterDatabase) async throws {
        let session = try await SuperuserSession(database)
        let result = await Result { try await session.execute(script) }
        await session.close()
        try result.get()
    }

    package func close() async {
        await connection.close()
        await connection.loop.stop()
    }

    /// Runs any statements; a transaction that they begin stays open.
    package func execute(_ script: String) async throws {
        _ = try await connection.execute(script: script)
    }

    package func unit(
        _ statements: [PostgresStatement], timeout: Duration?
    ) async throws(PostgresError) -> [PostgresRows] {
        try await connection.unit(statements, timeout: timeout)
    }
}
