import HarborFleetWeb
import Postgres
import Testing

@testable import HarborFleetServer

struct DatabaseReadinessTests {
    private let now = ContinuousClock.now

    private func pool(_ change: (inout PoolHealth) -> Void = { _ in }) -> PoolHealth {
        var health = PoolHealth()
        health.isAvailable = true
        health.connected = 4
        health.answeredAt = now
        change(&health)
        return health
    }

    private func check(_ queries: PoolHealth, _ recorder: PoolHealth, after: Duration = .zero)
        -> ReadinessCheck
    {
        .database(queries: queries, recorder: recorder, at: now + after)
    }

    @Test func aDatabaseThatAnswersAndTakesWrites_isOk() {
        #expect(check(pool(), pool()) == ReadinessCheck(.ok, "4 connections"))
    }

    @Test func eitherPoolsBreaker_isTheReason() {
        let lost = pool {
            $0.isAvailable = false
            $0.lastError = PostgresError(.timeout, "the statement took too long")
        }
        let reason = ReadinessCheck(.failed, "the database does not answer: time-out")
        #expect(check(lost, pool()) == reason)
        #expect(check(pool(), lost) == reason)
        #expect(check(PoolHealth(), pool()).detail == "no answer yet from the database")
    }

    @Test func aReadOnlyDatabase_isNotReady() {
        #expect(check(pool { $0.isReadOnly = true }, pool()).detail == "the database is read-only")
    }

    @Test func aLongSilence_isNotReady() {
        #expect(check(pool(), pool(), after: .seconds(10)).status == .ok)
        #expect(check(pool(), pool(), after: .seconds(11)).detail == "the database has not answered for 11 s")
    }

    @Test func fixesThatCouldNotBeStored_countForAWhile() {
        let error = PostgresError(.server(sqlState: "53100"), "the server refused the statement")
        let full = pool { $0.unitFailure = PoolHealth.Failure(error: error, at: now) }
        let failed = check(pool(), full, after: .seconds(9))
        #expect(failed.status == ReadinessCheck.Status.failed)
        #expect(failed.detail == "fixes cannot be stored: the database is out of disk space (SQLSTATE 53100)")
        #expect(check(pool { $0.answeredAt = now + .seconds(10) }, full, after: .seconds(10)).status == .ok)
    }
}
