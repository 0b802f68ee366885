import HarborFleetTesting
import Logging
import Supervision
import Synchronization
import Testing

@testable import Postgres

/// A session keeps the settings that it started with. Pools replace sessions whose settings are outdated.
@Suite(.timeLimit(.minutes(1)), .serialized) struct RenewalTests {
    private static let shared = Task { try await PostgresCluster() }
    /// The documented time, with a margin for a loaded machine.
    private static let soon: Duration = .seconds(7)

    private func withPool(
        _ url: String, size: Int = 2, logger: Logger? = nil, _ body: (PostgresPool) async throws -> Void
    ) async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        let pool = database.startPool(
            PostgresConfiguration(
                url: url, applicationName: "harbor-fleet/test/renewal", statementTimeout: .seconds(20)),
            size: size, logger: logger)
        let result = await Result { try await body(pool) }
        await pool.stop()
        try result.get()
    }

    /// The command tag, or the SQLSTATE of the refusal.
    private func outcome(of pool: PostgresPool, _ sql: String) async -> String {
        do throws(PostgresError) {
            let rows = try await pool.query(sql)
            return rows.commandTag
        } catch {
            return error.sqlState ?? "\(error.kind)"
        }
    }

    /// Returns once a statement has this outcome. This is a poll, because no event says which session serves next.
    private func waitForOutcome(_ expected: String, of sql: String, _ pool: PostgresPool) async throws {
        try await waitUntil { await outcome(of: pool, sql) == expected }
    }

    /// Whether a statement succeeds soon. This is a poll for the same reason.
    private func isTaken(_ pool: PostgresPool, _ sql: String) async throws -> Bool {
        let start = ContinuousClock.now
        let isTaken = try await eventually(within: .seconds(30)) {
            await outcome(of: pool, sql) == "INSERT 0 1"
        }
        print("taken after \(start.duration(to: .now))")
        return isTaken && start.duration(to: .now) < Self.soon
    }

    /// A setting of the database or the role that makes a statement fail. Only new sessions are free of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let setting: String
        let value: String
        let sqlState: String
    }

    @Test(arguments: [
        Case(
            testDescription: "read-only", setting: "default_transaction_read_only", value: "on",
            sqlState: "25006"),
        Case(testDescription: "search path", setting: "search_path", value: "nowhere", sqlState: "42P01"),
        Case(testDescription: "time-out", setting: "statement_timeout", value: "1ms", sqlState: "57014"),
        Case(testDescription: "role", setting: "role", value: "nobody_special", sqlState: "42501"),
    ])
    func session_isReplaced_whenItStartedUnderASettingThatIsGone(_ mistake: Case) async throws {
        let cluster = try await Self.shared.value
        let database = try await cluster.makeDatabase()
        try await withPool(database.tcpURL) { pool in
            _ = try await pool.query("CREATE TABLE t (a int)")
            // The statement is slow enough for a time-out of 1 ms.
            let insert = "INSERT INTO t SELECT 1 FROM pg_sleep(0.02)"
            #expect(await outcome(of: pool, insert) == "INSERT 0 1")

            let owner = "\(PostgresCluster.role) IN DATABASE \(database.name)"
            if mistake.setting == "role" {
                try await SuperuserSession.execute(
                    "CREATE ROLE nobody_special; GRANT nobody_special TO \(PostgresCluster.role)",
                    on: database)
            }
            try await SuperuserSession.execute(
                "ALTER ROLE \(owner) SET \(mistake.setting) = '\(mistake.value)'", on: database)
            try await cluster.endConnections()
            try await waitForOutcome(mistake.sqlState, of: insert, pool)
            // The pool reads meanwhile.
            let one = try await pool.number("SELECT 1::int8")
            #expect(one == 1)
            try await SuperuserSession.execute("ALTER ROLE \(owner) RESET \(mistake.setting)", on: database)
            #expect(try await isTaken(pool, insert))
            #expect(pool.health.renewals > 0)
        }
    }

    @Test func readOnlySession_servesReads_andIsReplacedByAWritableOne() async throws {
        let cluster = try await Self.shared.value
        let database = try await cluster.makeDatabase()
        try await withPool(database.tcpURL, size: 1) { pool in
            _ = try await pool.query("CREATE TABLE t (a int)")
            // The setting is that of this session. The server reports it, and no statement fails.
            _ = try await pool.query("SET default_transaction_read_only = on")
            let before = try await pool.number("SELECT pg_backend_pid()")
            // This is a poll, because no event says that the pool has replaced a session.
            try await waitUntil { try await pool.number("SELECT pg_backend_pid()") != before }
            #expect(try await isTaken(pool, "INSERT INTO t VALUES (1)"))
        }
    }

    /// The slots that may be stale after all earlier events.
    private func staleSlots(_ pool: PostgresPool) async -> Set<Int> {
        await withCheckedContinuation { (continuation: CheckedContinuation<Set<Int>, Never>) in
            pool.loop.execute { continuation.resume(returning: pool.state.stale) }
        }
    }

    @Test(arguments: [("read-only", false), ("prefer-standby", false), ("any", true)])
    func wantedReadOnlySession_isNotReplaced_whenAProbeFindsIt(
        attributes: String, isStale: Bool
    ) async throws {
        let cluster = try await Self.shared.value
        let database = try await cluster.makeDatabase()
        try await SuperuserSession.execute(
            "ALTER ROLE \(PostgresCluster.role) IN DATABASE \(database.name) SET default_transaction_read_only = on",
            on: database)
        let url = "\(database.tcpURL) target_session_attrs=\(attributes)"
        try await withPool(url, size: 1) { pool in
            _ = try await pool.probe(
                "SELECT current_setting('transaction_read_only') = 'on'", readOnlyColumn: 0,
                timeout: .seconds(10))
            await #expect(throws: PostgresError.self) { try await pool.query("CREATE TABLE t (a int)") }
            #expect(pool.health.isReadOnly)
            // A fast scout may have replaced the session already.
            let stale = await staleSlots(pool)
            #expect((!stale.isEmpty || pool.health.renewals > 0) == isStale)
        }
    }

    @Test func lockTimeoutOfTheSession_doesNotMakeItStale() async throws {
        let cluster = try await Self.shared.value
        let database = try await cluster.makeDatabase()
        try await withPool(database.tcpURL) { pool in
            _ = try await pool.query("CREATE TABLE t (a int)")
            let settings = [
                (LockTimeout.session(.milliseconds(10)), false),
                (LockTimeout.local(.milliseconds(10)), false),
                ("SELECT set_config('lock_timeout', '10ms', true)", true),
            ]
            for (setting, isStale) in settings {
                try await pool.withConnection { holder in
                    _ = try await holder.execute(script: "BEGIN; LOCK TABLE t")
                    let error = await #expect(throws: PostgresError.self) {
                        try await pool.transaction { connection in
                            _ = try await connection.execute(script: setting)
                            _ = try await connection.query("LOCK TABLE t")
                        }
                    }
                    #expect(error?.sqlState == PostgresError.lockNotAvailable)
                    _ = try await holder.execute(script: "ROLLBACK")
                }
                let stale = await staleSlots(pool)
                #expect((!stale.isEmpty || pool.health.renewals > 0) == isStale, "\(setting)")
            }
        }
    }

    @Test func readOnlyPeriod_isLoggedAtItsEnd() async throws {
        let cluster = try await Self.shared.value
        let database = try await cluster.makeDatabase()
        let log = LogRecorder()
        try await withPool(database.tcpURL, logger: log.logger) { pool in
            _ = try await pool.query("CREATE TABLE t (a int)")
            let owner = "\(PostgresCluster.role) IN DATABASE \(database.name)"
            let (start, end) = (
                "warning the database accepts no writes: sessions are renewed until it does",
                "notice the database accepts writes again"
            )
            for round in 1...2 {
                try await SuperuserSession.execute(
                    "ALTER ROLE \(owner) SET default_transaction_read_only = on", on: database)
                try await cluster.endConnections()
                await log.wait { $0.count { $0.text == start } == round }
                try await SuperuserSession.execute(
                    "ALTER ROLE \(owner) RESET default_transaction_read_only", on: database)
                try await cluster.endConnections()
                await log.wait { $0.count { $0.text == end } == round }
            }
        }
    }

    @Test func oldSessionsOfAPooler_areEnded() async throws {
        let cluster = try await Self.shared.value
        let database = try await cluster.makeDatabase()
        let bouncer = try await PgBouncer(before: database.tcpURL, serverConnections: 6)
        try await withPool(bouncer.url, size: 4) { pool in
            _ = try await pool.query("CREATE TABLE t (a int)")
            let insert = "INSERT INTO t VALUES (1)"
            let owner = "\(PostgresCluster.role) IN DATABASE \(database.name)"
            try await SuperuserSession.execute(
                "ALTER ROLE \(owner) SET default_transaction_read_only = on", on: database)
            try await cluster.endConnections()
            // The pooler opens several sessions.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { _ = try? await pool.query("SELECT pg_sleep(0.3)") } }
                try await group.waitForAll()
            }
            try await waitForOutcome("25006", of: insert, pool)
            try await SuperuserSession.execute(
                "ALTER ROLE \(owner) RESET default_transaction_read_only", on: database)
            #expect(try await isTaken(pool, insert))
        }
    }

    @Test func writableHost_isFoundAmongSeveral_unlessTheURLSaysOtherwise() async throws {
        let readOnly = try await PostgresCluster(settings: ["default_transaction_read_only": "on"])
        let writable = try await Self.shared.value
        func url(_ ports: [UInt16], _ rest: String = "") -> String {
            let hosts = ports.map { _ in "127.0.0.1" }.joined(separator: ",")
            let list = ports.map { "\($0)" }.joined(separator: ",")
            return "host=\(hosts) port=\(list) dbname=postgres user=\(PostgresCluster.role) \(rest)"
        }
        let unused = try FreePort.find()
        let (r, w) = (readOnly.port, writable.port)
        for (text, port) in [
            (url([r, w]), w), (url([w, r]), w), (url([unused, r, w]), w), (url([r, unused]), r),
            (url([unused, r]), r), (url([r, r]), r), (url([r, w], "target_session_attrs=any"), r),
            (url([w, r], "target_session_attrs=read-only"), r),
            (url([r, w], "target_session_attrs=read-write"), w),
        ] {
            try await withPool(text, size: 1) { pool in
                let found = try await pool.number("SELECT inet_server_port()::int8")
                #expect(found == Int64(port), "\(text)")
            }
        }
    }

    @Test func readOnlyHost_servesReads_whenTheOtherHostIsSilent() async throws {
        let readOnly = try await PostgresCluster(settings: ["default_transaction_read_only": "on"])
        let silent = try FaultProxy(to: .tcp(port: readOnly.port))
        await silent.set(.hang(.both))
        let url =
            "host=127.0.0.1,127.0.0.1 port=\(readOnly.port),\(silent.port) dbname=postgres "
            + "user=\(PostgresCluster.role)"
        try await withPool(url, size: 1) { pool in
            let start = ContinuousClock.now
            let found = try await pool.number("SELECT inet_server_port()::int8")
            #expect(found == Int64(readOnly.port))
            #expect(start.duration(to: .now) < .seconds(5))
            #expect(silent.accepted > 0)
        }
    }
}

extension LogRecorder.Line {
    fileprivate var text: String { "\(level) \(message)" }
}
