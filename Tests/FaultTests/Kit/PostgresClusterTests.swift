import HarborFleetTesting
import Postgres
import Testing

/// The cluster fails as a test demands, and comes back with what was committed.
@Suite(.timeLimit(.minutes(2))) struct PostgresClusterTests {
    @Test func committedRows_areStored_afterEachWayToEndAndAStart() async throws {
        let cluster = try await PostgresCluster()
        let database = try await cluster.makeDatabase()
        let maker = try await Self.connection(to: database.url)
        try await maker.execute("CREATE TABLE t (n int); INSERT INTO t VALUES (1)")
        await maker.close()
        let ends: [(PostgresCluster) async throws -> Void] = [
            { try await $0.kill() }, { try await $0.stop(.fast) }, { try await $0.stop(.immediate) },
            { cluster in
                try await cluster.freeze()
                try await cluster.kill()
            },
            { cluster in
                try await cluster.freeze()
                try await cluster.stop()
            },
        ]
        for end in ends {
            let open = try await Self.connection(to: database.url)
            try await end(cluster)
            #expect(!cluster.isRunning)
            await #expect(throws: PostgresError.self) { try await open.query("SELECT 1") }
            await open.close()
            await #expect(throws: PostgresError.self) { try await Self.connection(to: database.tcpURL) }
            try await cluster.start()
            let session = try await SuperuserSession(database)
            #expect(try await session.number("SELECT count(*) FROM t") == 1)
            await session.close()
        }
    }

    @Test func frozenServer_respondsToNoClient_andGoesOnWhenThawed() async throws {
        let cluster = try await PostgresCluster()
        let database = try await cluster.makeDatabase()
        let session = try await SuperuserSession(database)
        try await cluster.freeze()
        // An open session gets no response, and no new session starts.
        await #expect(throws: PostgresError.self) {
            try await Self.connection(to: database.url, timeout: .milliseconds(200))
        }
        let number = Task { try await session.number("SELECT 1") }
        try await cluster.thaw()
        #expect(try await number.value == 1)
        #expect(try await Self.number("SELECT 2", at: database.url) == 2)
        await session.close()
    }

    @Test func writes_fail_whileTheClusterIsReadOnly() async throws {
        let cluster = try await PostgresCluster()
        let database = try await cluster.makeDatabase()
        let connection = try await Self.connection(to: database.url)
        try await connection.execute("CREATE TABLE t (n int)")
        try await cluster.setReadOnly(true)
        // The backend reads the new setting between two statements, and announces it to no client.
        try await waitUntil {
            do {
                try await connection.execute("INSERT INTO t VALUES (1)")
                return false
            } catch let error as PostgresError {
                return error.sqlState == "25006"
            }
        }
        try await cluster.setReadOnly(false)
        // As above.
        try await waitUntil {
            (try? await connection.execute("INSERT INTO t VALUES (1)")) != nil
        }
        await connection.close()
    }

    @Test func connections_areEndedAndRefused_beyondTheLimit() async throws {
        let cluster = try await PostgresCluster()
        let database = try await cluster.makeDatabase()
        let first = try await Self.connection(to: database.url)
        let second = try await Self.connection(to: database.url)
        try await cluster.limitConnections(to: 1)
        #expect(try await first.query("SELECT 1").count == 1)
        // The end of the connection interrupts the statement.
        await #expect(throws: PostgresError.self) { try await second.query("SELECT pg_sleep(30)") }
        let refusal = await #expect(throws: PostgresError.self) {
            try await Self.connection(to: database.url)
        }
        #expect(refusal?.detail.contains("too many connections") == true, "\(refusal?.detail ?? "")")
        try await cluster.limitConnections(to: nil)
        #expect(try await Self.number("SELECT 1", at: database.url) == 1)
        for connection in [first, second] { await connection.close() }
    }

    /// The faults' own commits are durable, also where others are not: a fault that was lifted must not come back.
    @Test func liftedLimit_staysLifted_whenTheServerIsKilled() async throws {
        let cluster = try await PostgresCluster(
            settings: ["synchronous_commit": "off", "wal_writer_delay": "10s"])
        let database = try await cluster.makeDatabase()
        try await cluster.limitConnections(to: 0)
        try await cluster.restart()
        try await cluster.limitConnections(to: nil)
        try await cluster.kill()
        try await cluster.start()
        #expect(try await Self.number("SELECT 1", at: database.url) == 1)
    }

    @Test func connectionThroughAProxy_reachesTheDatabase() async throws {
        let cluster = try await PostgresCluster()
        let database = try await cluster.makeDatabase()
        let proxy = try FaultProxy(to: database.proxyTarget)
        let connection = try await Self.connection(to: database.url(through: proxy))
        #expect(try await connection.query("SELECT 1").count == 1)
        await proxy.set(.truncate(.toClient, after: 0, .reset))
        await #expect(throws: PostgresError.self) {
            try await connection.execute("CREATE TABLE t (n int)")
        }
        // The response was lost, not the statement.
        #expect(try await Self.number("SELECT count(*) FROM t", at: database.url) == 0)
        await connection.close()
    }

    /// In each state, beside another cluster whose processes must not hold the watchdog's pipe open.
    @Test func releasedCluster_leavesNoDirectory() async throws {
        let other = try await PostgresCluster()
        let states: [(PostgresCluster) async throws -> Void] = [
            { _ in }, { try await $0.freeze() }, { try await $0.kill() }, { try await $0.stop() },
        ]
        for state in states {
            var cluster: PostgresCluster? = try await PostgresCluster()
            let directory = try #require(cluster?.directory)
            if let cluster { try await state(cluster) }
            cluster = nil
            #expect(await FileWatch.waitForRemoval(of: directory))
        }
        #expect(other.isRunning)
    }
}

extension PostgresClusterTests {
    private static func connection(
        to url: String, timeout: Duration = .seconds(10)
    ) async throws -> SuperuserSession {
        try await SuperuserSession(url: url, connectTimeout: timeout)
    }

    private static func number(_ sql: String, at url: String) async throws -> Int64 {
        let session = try await connection(to: url)
        let number = try await session.number(sql)
        await session.close()
        return number
    }
}
