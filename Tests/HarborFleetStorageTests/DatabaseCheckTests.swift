import HarborFleet
import Postgres
import StoreCache
import Supervision
import Testing

@testable import HarborFleetStorage

struct DatabaseCheckTests {
    private let now = ContinuousClock.now

    private func pool(_ change: (inout PoolHealth) -> Void = { _ in }) -> PoolHealth {
        var health = PoolHealth()
        health.isAvailable = true
        health.connected = 4
        health.answeredAt = now
        change(&health)
        return health
    }

    private func check(
        _ queries: PoolHealth, _ recorder: PoolHealth, _ storeFailure: StoreFailure? = nil,
        after: Duration = .zero
    ) -> HealthCheck {
        .database(queries: queries, recorder: recorder, storeFailure: storeFailure, at: now + after)
    }

    @Test func check_isOK_whenTheDatabaseRespondsAndTakesWrites() {
        #expect(check(pool(), pool()) == HealthCheck(.ok, "4 connections"))
    }

    @Test func check_fails_whenTheBreakerOfAPoolIsOpen() {
        let lost = pool {
            $0.isAvailable = false
            $0.lastError = PostgresError(.timeout, "the statement took too long")
        }
        let reason = HealthCheck(.failed, "the database does not respond: time-out")
        #expect(check(lost, pool()) == reason)
        #expect(check(pool(), lost) == reason)
        #expect(check(PoolHealth(), pool()).detail == "the database has not responded yet")
    }

    @Test func check_fails_whenAProbeFails() {
        let failed = pool { $0.probeFailure = PostgresError(.server(sqlState: "08P01"), "refused") }
        let detail = check(failed, pool()).detail
        #expect(detail == "the connection pooler cannot reach the database (SQLSTATE 08P01)")
    }

    @Test func check_fails_whenTheDatabaseIsReadOnly() {
        #expect(check(pool { $0.isReadOnly = true }, pool()).detail == "the database is read-only")
    }

    @Test func check_fails_afterALongSilence() {
        #expect(check(pool(), pool(), after: .seconds(10)).status == .ok)
        let late = check(pool(), pool(), after: .seconds(11))
        #expect(late.detail == "the database has not responded for 11 s")
    }

    @Test func check_failsForAWhile_whenFixesCannotBeStored() {
        let full = StoreFailure(error: StoreError(.unavailable, detail: "out of disk space"), at: now)
        let failed = check(pool(), pool(), full, after: .seconds(9))
        #expect(failed == HealthCheck(.failed, "fixes cannot be stored: out of disk space"))
        #expect(check(pool(), pool(), full, after: .seconds(10)).status == .ok)
    }

    @Test func check_isOK_whenTheFailureWasInAnOutageThatEnded() {
        let failure = StoreFailure(error: StoreError(.unavailable, detail: "time-out"), at: now)
        let before = pool { $0.recoveredAt = now - .seconds(1) }
        #expect(check(before, pool(), failure, after: .seconds(2)).status == .failed)
        let since = pool { $0.recoveredAt = now + .seconds(1) }
        #expect(check(since, pool(), failure, after: .seconds(2)).status == .ok)
    }
}
