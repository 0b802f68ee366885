import Dispatch
import Foundation
import HarborFleetTesting
import Logging
import Synchronization
import Testing

@testable import Postgres

/// The ways to a server, and the failures on the way.
@Suite(.timeLimit(.minutes(1))) struct ConnectingTests {
    /// A server on 127.0.0.1 that these tests share and do not harm.
    private static let shared = Task { try await PostgresCluster().withDatabase() }

    /// Connects, runs a statement, closes, and returns the text of the result.
    private func answer(
        _ url: String, connectTimeout: Duration = .seconds(20), lookup: HostLookup = .system,
        sql: String = "SELECT current_database()::text"
    ) async throws -> String {
        let database = try await TestPostgres.shared.makeDatabase()
        var configuration = PostgresConfiguration(
            url: url, applicationName: "harbor-fleet/test", connectTimeout: connectTimeout)
        configuration.lookup = lookup
        return try await database.withConnection(configuration) { try await $0.text(sql) }
    }

    private func failure(
        _ url: String, connectTimeout: Duration = .seconds(20), lookup: HostLookup = .system
    ) async throws -> PostgresError {
        let error = await #expect(throws: PostgresError.self) {
            try await answer(url, connectTimeout: connectTimeout, lookup: lookup)
        }
        return try #require(error)
    }

    @Test func uriAndKeywords_leadToTheSamePlace() async throws {
        let server = try await Self.shared.value
        let (name, port) = (server.database.name, server.cluster.port)
        for url in [
            "postgresql://harbor_fleet@localhost:\(port)/\(name)",
            "postgres://harbor_fleet@127.0.0.1:\(port)/\(name)?sslmode=disable",
            "host=localhost port=\(port) dbname=\(name) user=harbor_fleet",
            "hostaddr=127.0.0.1 port=\(port) dbname='\(name)' user=harbor_fleet",
            "host=some.name hostaddr=127.0.0.1 port=\(port) dbname=\(name) user=harbor_fleet",
            server.database.url,
        ] {
            let text = try await answer(url)
            #expect(text == name)
        }
    }

    @Test func addressesOfAName_areTriedInOrder() async throws {
        let server = try await Self.shared.value
        // No server listens on the first two.
        let lookup = HostLookup { name throws(HostLookup.Failure) in
            #expect(name == "db.test")
            return ["127.0.0.2", "127.0.0.3", "127.0.0.1"]
        }
        let url = "host=db.test port=\(server.cluster.port) dbname=\(server.database.name) user=harbor_fleet"
        let text = try await answer(url, lookup: lookup)
        #expect(text == server.database.name)
    }

    @Test func hosts_areTriedInOrder_withTheirOwnPorts() async throws {
        let server = try await Self.shared.value
        let (name, port, unused) = (server.database.name, server.cluster.port, try FreePort.find())
        for url in [
            "postgresql://harbor_fleet@127.0.0.1:\(unused),localhost:\(port)/\(name)",
            "postgresql://harbor_fleet@/\(name)?host=/tmp/hf-nowhere,\(server.cluster.directory)&port=\(port)",
            "host=none.invalid,127.0.0.1 port=\(port) dbname=\(name) user=harbor_fleet",
            "host=127.0.0.1,\(server.cluster.directory) port=\(unused),\(port) dbname=\(name) user=harbor_fleet",
        ] {
            let text = try await answer(url)
            #expect(text == name)
        }
    }

    @Test func secondHost_isReached_whenTheFirstIsSilent() async throws {
        let server = try await Self.shared.value
        let proxy = try FaultProxy(to: server.database.proxyTarget)
        await proxy.set(.hang(.both))
        let url =
            "host=localhost,127.0.0.1 port=\(proxy.port),\(server.cluster.port) "
            + "dbname=\(server.database.name) user=harbor_fleet"
        let text = try await answer(url, connectTimeout: .seconds(6))
        #expect(text == server.database.name)
        #expect(proxy.accepted > 0)
    }

    @Test func unknownHost_isReported_andLookedUpAtEachTry() async throws {
        let lookups = Mutex(0)
        let lookup = HostLookup { name throws(HostLookup.Failure) in
            lookups.withLock { $0 += 1 }
            throw HostLookup.Failure(description: "unknown name")
        }
        for _ in 0..<2 {
            let error = try await failure("host=db.test user=x password=hush", lookup: lookup)
            #expect(error.kind == .connection && error.refusal == .hostNotFound)
            #expect(error.reason == "the database's host name is not found")
            #expect(error.debugDescription.contains("db.test: unknown name"))
            #expect(!error.debugDescription.contains("hush"))
        }
        #expect(lookups.withLock { $0 } == 2)
    }

    @Test func hangingLookUp_endsWithTheTimeOut_andDelaysNoOther() async throws {
        let server = try await Self.shared.value
        let gate = DispatchSemaphore(value: 0)
        let lookup = HostLookup { _ throws(HostLookup.Failure) in
            gate.wait()
            return []
        }
        let error = try await failure("host=db.test", connectTimeout: .milliseconds(100), lookup: lookup)
        #expect(error.kind == .timeout)
        // The loop continues, and so do other look-ups.
        let text = try await answer(server.database.tcpURL)
        #expect(text == server.database.name)
        gate.signal()
    }

    @Test(arguments: FaultProxy.Direction.allCases)
    func silentServer_endsWithTheTimeOut(direction: FaultProxy.Direction) async throws {
        let server = try await Self.shared.value
        let proxy = try FaultProxy(to: server.database.proxyTarget)
        await proxy.set(.hang(direction == .toServer ? .toServer : .toClient))
        for mode in ["disable", "prefer"] {
            let error = try await failure(
                server.database.url(through: proxy) + " sslmode=\(mode)", connectTimeout: .milliseconds(200))
            #expect(error.kind == .timeout)
        }
    }

    @Test func cutConnection_isAnError_atAnyPlace() async throws {
        let server = try await Self.shared.value
        let proxy = try FaultProxy(to: server.database.proxyTarget)
        for count in [0, 1, 9, 50, 200] {
            for cut in FaultProxy.Cut.allCases {
                await proxy.set(.truncate(.toClient, after: count, cut))
                let error = try await failure(server.database.url(through: proxy))
                #expect(error.kind == .connection, "\(count) \(cut)")
            }
        }
        await proxy.set(.pass)
        let text = try await answer(server.database.url(through: proxy))
        #expect(text == server.database.name)
    }

    @Test func refusalOfTheServer_carriesItsState() async throws {
        let server = try await Self.shared.value
        let error = try await failure(
            "host=127.0.0.1 port=\(server.cluster.port) dbname=no_such_thing user=harbor_fleet")
        #expect(error.refusal == .server(sqlState: "3D000"))
        #expect(error.reason == "there is no such database (SQLSTATE 3D000)")
        #expect(error.isUnavailable)
        let silent = try await failure("host=127.0.0.1 port=\(try FreePort.find()) user=x")
        #expect(silent.refusal == .nobodyListens)
    }

    @Test func hangingCancel_delaysNoOther() async throws {
        let server = try await Self.shared.value
        let database = try await TestPostgres.shared.makeDatabase()
        let proxy = try FaultProxy(to: server.database.proxyTarget)
        func open(_ url: String) async throws -> PostgresConnection {
            let configuration = PostgresConfiguration(
                url: url, applicationName: "harbor-fleet/test", connectTimeout: .seconds(20),
                statementTimeout: .milliseconds(300))
            return try await database.connect(configuration)
        }
        let hanging = [
            try await open(server.database.url(through: proxy)),
            try await open(server.database.url(through: proxy)),
        ]
        let direct = try await open(server.database.tcpURL)
        await proxy.set(.hang(.both))
        for connection in hanging + [direct] {
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT pg_sleep(60)")
            }
            #expect(error?.kind == .timeout)
        }
        let session = try await SuperuserSession(server.database)
        try await session.waitUntil(
            """
            NOT EXISTS (SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active')
            """)
        await session.close()
    }

    @Test func checkedConnection_counts_onlyAfterAStatement() async throws {
        let server = try await Self.shared.value
        let database = try await TestPostgres.shared.makeDatabase()
        let log = LogRecorder()
        let connection = PostgresConnection(
            PostgresConfiguration(url: server.database.tcpURL, applicationName: "harbor-fleet/test"),
            on: database.loop, logger: log.logger)
        let failure = await withCheckedContinuation { continuation in
            database.loop.execute {
                connection.establish(check: .statement) { continuation.resume(returning: $0) }
            }
        }
        #expect(failure == nil)
        // A notice of the server reaches the log at debug level.
        try await connection.execute(script: "DROP TABLE IF EXISTS no_such_table")
        #expect(log.lines.map { "\($0.level) \($0["sql_state"] ?? "?")" } == ["debug 00000"])
        await connection.close()
    }
}

extension PostgresCluster {
    fileprivate func withDatabase() async throws -> (cluster: PostgresCluster, database: ClusterDatabase) {
        (self, try await makeDatabase())
    }
}
