internal import EventLoops
internal import Logging
package import Postgres

/// One connection of a test's own to a database, past the server under test: for looks, and for locks that make its
/// statements wait.
///
///     let session = try await SuperuserSession(database)
///     try await session.execute("BEGIN; LOCK TABLE receipts IN ACCESS EXCLUSIVE MODE")
///     …                                                     // commits wait
///     try await session.execute("COMMIT")
///     await session.close()
package struct SuperuserSession: Sendable {
    private let connection: PostgresConnection

    /// Connects.
    package init(_ database: ClusterDatabase) async throws {
        try await self.init(url: database.superuserURL)
    }

    /// Connects to a database anywhere.
    package init(url: String) async throws {
        let loop = try EventLoop(label: "test.superuser-session")
        loop.start()
        let configuration = PostgresConfiguration(
            url: url, applicationName: "harbor-fleet/test", connectTimeout: .seconds(30),
            statementTimeout: .seconds(60))
        do {
            connection = try await PostgresConnection.open(configuration, on: loop, logger: .silent)
        } catch {
            await loop.stop()
            throw error
        }
    }

    package func close() async {
        await connection.close()
        await connection.loop.stop()
    }

    /// Any statements; a transaction that they begin stays open.
    package func execute(_ script: String) async throws {
        _ = try await connection.execute(script: script)
    }

    package func query(_ sql: String, _ parameters: [PostgresValue] = []) async throws -> PostgresRows {
        try await connection.query(sql, parameters)
    }

    /// The one number that a statement returns.
    package func number(_ sql: String) async throws -> Int64 {
        let rows = try await query(sql)
        return try rows[0].int64(0)
    }
}
