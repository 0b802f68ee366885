internal import HarborFleet
internal import Postgres
internal import StoreCache
internal import Supervision

extension HealthCheck {
    /// The database is asked twice a second. Longer without an answer means that something else is wrong, too.
    private static let longestSilence: Duration = .seconds(10)
    /// Whether fixes can be stored is only seen when some come. Who looks at `/ready` may send none until it is well
    /// again, so a failure counts for so long.
    private static let failureCounts: Duration = .seconds(10)

    /// Whether the database can be read and written, as far as it is known without asking it.
    /// - Parameters:
    ///   - recorder: the pool of the recorder.
    ///   - storeFailure: why it could last not store.
    static func database(
        queries: PoolHealth, recorder: PoolHealth, storeFailure: StoreFailure?,
        at now: ContinuousClock.Instant
    ) -> HealthCheck {
        if let reason = unavailable(queries) ?? unavailable(recorder) {
            return HealthCheck(.failed, reason)
        }
        if let failure = queries.probeFailure { return HealthCheck(.failed, failure.reason) }
        if queries.isReadOnly { return HealthCheck(.failed, "the database is read-only") }
        if let silence = queries.answeredAt?.duration(to: now), silence > longestSilence {
            return HealthCheck(
                .failed, "the database has not answered for \(silence.components.seconds) s")
        }
        // What failed in an outage that has been seen to end says nothing of now.
        let isOver = storeFailure.flatMap { failure in queries.recoveredAt.map { $0 > failure.at } } ?? false
        if let storeFailure, !isOver, storeFailure.at.duration(to: now) < failureCounts {
            return HealthCheck(.failed, "fixes cannot be stored: \(storeFailure.error.detail)")
        }
        return HealthCheck(.ok, "\(queries.connected) connections")
    }

    private static func unavailable(_ pool: PoolHealth) -> String? {
        guard !pool.isAvailable else { return nil }
        return pool.lastError?.reason ?? "no answer yet from the database"
    }
}
