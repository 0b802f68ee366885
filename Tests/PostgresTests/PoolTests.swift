import HarborFleetTesting
import Supervision
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(2))) struct PoolTests {
    private func withPool(
        size: Int = 2, maximumWaiting: Int = 256, acquireTimeout: Duration = .seconds(20),
        _ body: (PostgresPool) async throws -> Void
    ) async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        var configuration = database.configuration
        // This time-out covers the wait and the statement together.
        configuration.statementTimeout = .seconds(20)
        configuration.abandonedTimeout = .seconds(20)
        let pool = database.startPool(
            configuration, size: size, maximumWaiting: maximumWaiting, acquireTimeout: acquireTimeout)
        let result = await Result { try await body(pool) }
        await pool.stop()
        try result.get()
    }

    @Test func manyCallers_shareFewConnections() async throws {
        try await withPool { pool in
            let sum = try await withThrowingTaskGroup(of: Int64.self) { group in
                for number in 0..<100 as Range<Int64> {
                    group.addTask { try await pool.query("SELECT $1::int8", [.int8(number)])[0].int64(0) }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 4950)
            #expect(pool.health.connected <= 2)
        }
    }

    @Test func terminatedBackend_isReplaced() async throws {
        try await withPool(size: 1) { pool in
            let first = try await pool.number("SELECT pg_backend_pid()")
            let error = await #expect(throws: PostgresError.self) {
                try await pool.query("SELECT pg_terminate_backend(pg_backend_pid())")
            }
            #expect(error?.isUnavailable == true)
            let second = try await pool.number("SELECT pg_backend_pid()")
            #expect(first != second)
        }
    }

    @Test func terminatedIdleConnection_costsAtMostOneCall() async throws {
        try await withPool(size: 2) { pool in
            let terminated = try await pool.query(
                """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                """)[0].int64(0)
            var lost = 0
            for _ in 0..<20 {
                do {
                    _ = try await pool.query("SELECT 1")
                } catch let error as PostgresError {
                    #expect(error.isUnavailable)
                    lost += 1
                }
            }
            #expect(lost <= terminated)
        }
    }

    /// Returns once the figures of a pool meet a condition. This is a poll, because no event says that they changed.
    private func wait(for pool: PostgresPool, until isMet: (PoolHealth) -> Bool) async {
        while !isMet(pool.health) { await Task.yield() }
    }

    @Test func caller_isRefusedAtOnce_whenTooManyWait() async throws {
        try await withPool(size: 1, maximumWaiting: 1) { pool in
            try await withThrowingTaskGroup(of: Result<PostgresRows, any Error>.self) { group in
                try await pool.withConnection { _ in
                    for _ in 0..<2 { group.addTask { await Result { try await pool.query("SELECT 1") } } }
                    let refused = try #require(try await group.next())
                    let error = #expect(throws: PostgresError.self) { try refused.get() }
                    #expect(error?.kind == .poolExhausted)
                }
                let served = try #require(try await group.next())
                #expect(try served.get().count == 1)
            }
            #expect(pool.health.exhausted == 1)
        }
    }

    @Test func caller_isRefused_whenItWaitsTooLong() async throws {
        try await withPool(size: 1, acquireTimeout: .milliseconds(50)) { pool in
            await wait(for: pool) { $0.connected == 1 }
            try await pool.withConnection { _ in
                let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
                #expect(error?.kind == .poolExhausted)
            }
            let one = try await pool.number("SELECT 1::int8")
            #expect(one == 1)
        }
    }

    @Test func statement_reportsAFullPool_whenItWaitedTooLongForAConnection() async throws {
        try await withPool(size: 1) { pool in
            _ = try await pool.query("SELECT 1")
            let limit = Duration.seconds(2)
            try await withThrowingTaskGroup(of: Result<PostgresRows, any Error>.self) { group in
                try await pool.withConnection { _ in
                    group.addTask {
                        await Result { try await pool.query("SELECT pg_sleep(60)", timeout: limit) }
                    }
                    await wait(for: pool) { $0.waiting > 0 }
                    // The limit goes by the real clock.
                    try await Task.sleep(for: limit * 0.6)
                }
                let late = try #require(try await group.next())
                let error = #expect(throws: PostgresError.self) { try late.get() }
                #expect(error?.kind == .poolExhausted)
            }
        }
    }

    @Test func cancelledCaller_leavesTheQueue() async throws {
        try await withPool(size: 1) { pool in
            try await pool.withConnection { connection in
                let waiter = Task { try await pool.query("SELECT 1") }
                waiter.cancel()
                let error = await #expect(throws: PostgresError.self) { try await waiter.value }
                #expect(error?.kind == .cancelled)
                _ = try await connection.query("SELECT 1")
            }
            #expect(pool.health.waiting == 0)
        }
    }

    @Test func cancelledCaller_costsNoConnection_whileAShortStatementRuns() async throws {
        try await withPool(size: 3) { pool in
            await wait(for: pool) { $0.connected == 3 }
            let before = try await sessions(of: pool, where: "true")
            let statement = "SELECT pg_advisory_lock_shared(7)"
            try await pool.withConnection { holder in
                _ = try await holder.query("SELECT pg_advisory_lock(7)")
                let caller = Task { try await pool.query(statement) }
                try await pool.waitUntil(
                    """
                    EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                        AND query = '\(statement)' AND wait_event_type = 'Lock')
                    """)
                caller.cancel()
                let error = await #expect(throws: PostgresError.self) { try await caller.value }
                #expect(error?.kind == .cancelled)
                _ = try await holder.query("SELECT pg_advisory_unlock(7)")
            }
            await wait(for: pool) { $0.leased == 0 }
            let after = try await sessions(of: pool, where: "true")
            #expect(before.count == 3 && after == before)
        }
    }

    private func sessions(of pool: PostgresPool, where condition: String) async throws -> Set<Int64> {
        let rows = try await pool.query(
            """
            SELECT pid::int8 FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend' AND \(condition)
            """)
        return try Set(rows.map { row in try row.int64(0) })
    }

    @Test func connectionInATransaction_isNotGivenToTheNextCaller() async throws {
        try await withPool(size: 1) { pool in
            try await pool.withConnection { connection in _ = try await connection.query("BEGIN") }
            let first = try await pool.text("SELECT pg_current_xact_id()::text")
            let second = try await pool.text("SELECT pg_current_xact_id()::text")
            #expect(first != second)
        }
    }

    @Test func stoppedPool_refuses_andWorksAgainAfterAStart() async throws {
        try await withPool { pool in
            await pool.stop()
            let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
            #expect(error?.kind == .closed)
            #expect(!pool.health.isAvailable)
            pool.start()
            let one = try await pool.number("SELECT 1::int8")
            #expect(one == 1)
            #expect(pool.health.isAvailable)
        }
    }

    @Test func run_closesTheConnections_whenItsTaskIsCancelled() async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        let pool = database.startPool(size: 1)
        _ = try await pool.query("SELECT 1")
        let run = Task { try await pool.run() }
        run.cancel()
        try await run.value
        #expect(pool.health.connected == 0)
    }

    @Test func caller_getsTheReason_whenTheDatabaseIsUnreachable() async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        var configuration = database.configuration
        configuration.url = "host=/tmp/hf-nowhere dbname=x"
        let pool = database.startPool(configuration, size: 1, acquireTimeout: .milliseconds(50))
        let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
        #expect(error?.kind == .connection)
        #expect(!pool.health.isAvailable)
        await wait(for: pool) { $0.lastError != nil }
        #expect(pool.health.lastError?.kind == .connection)
        await pool.stop()
    }
}
