internal import HarborFleet
internal import Postgres
internal import StoreCache
internal import Supervision

extension HealthCheck {
    /// The database is polled twice a second. A silence longer than this means that something else is wrong too.
    private static let longestSilence: Duration = .seconds(10)
    /// How long a failure to store fixes counts. The state of the store shows only when fixes arrive, and a load
    /// balancer that reads `/ready` may send none until the server is ready again.
    private static let failureCounts: Duration = .seconds(10)

    /// Whether the database can be read and written, as far as that is known without asking it.
    /// - Parameters:
    ///   - recorder: the health of the recorder's pool.
    ///   - storeFailure: why the recorder last failed to store fixes; nil when it can store them.
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
                .failed, "the database has not responded for \(silence.components.seconds) s")
        }
        // A failure before the last recovery says nothing about the current state.
        let isOver = storeFailure.flatMap { failure in queries.recoveredAt.map { $0 > failure.at } } ?? false
        if let storeFailure, !isOver, storeFailure.at.duration(to: now) < failureCounts {
            return HealthCheck(.failed, "fixes cannot be stored: \(storeFailure.error.detail)")
        }
        return HealthCheck(.ok, "\(queries.connected) connections")
    }

    private static func unavailable(_ pool: PoolHealth) -> String? {
        guard !pool.isAvailable else { return nil }
        return pool.lastError?.reason ?? "the database has not responded yet"
    }
}
