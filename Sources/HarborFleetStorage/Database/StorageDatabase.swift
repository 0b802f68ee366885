package import EventLoops
package import HarborFleet
package import Logging
package import Postgres
package import Supervision
internal import Telemetry

/// The database of a server: its connection pools, and the gate that keeps most of them away from a schema with
/// which this binary must not work.
package final class StorageDatabase: Sendable {
    /// The pool for all work that has no pool of its own.
    package let pool: PostgresPool
    /// The recorder's own connections, so that no query delays a commit.
    package let recorderPool: PostgresPool
    /// One connection for the revision alone. Revocations take effect with the revision, so reading it must not
    /// wait for a connection.
    package let revisionPool: PostgresPool
    /// The pool for session locks, which do not work through a PgBouncer.
    package let directPool: PostgresPool
    /// Open while this binary may work with the schema.
    package let gate = SchemaGate()
    package let names = SessionNames()

    /// - Parameters:
    ///   - directURL: a connection that bypasses PgBouncer; nil when there is no PgBouncer.
    ///   - size: the number of connections of `pool`.
    ///   - unitsInFlight: the number of connections of the recorder.
    ///   - loop: the event loop of `pool`. The services that poll the database run there, so that their queries
    ///     wake no other thread.
    ///   - recorderLoop: the event loop of the recorder and of its pool, so that neither must wake another thread
    ///     for the other.
    package init(
        url: String, directURL: String?, size: Int, unitsInFlight: Int, on loop: EventLoop,
        recorderLoop: EventLoop, logger: Logger
    ) {
        let outages = OutageLog(logger: logger)
        func pool(_ name: String, _ url: String, _ size: Int, on loop: EventLoop) -> PostgresPool {
            PostgresPool(
                configuration: PostgresConfiguration(url: url, applicationName: name), on: loop, size: size,
                logger: logger, outages: outages)
        }
        self.pool = pool(names.process, url, size, on: loop)
        recorderPool = pool(names.recorder, url, unitsInFlight, on: recorderLoop)
        // The revision is read on the recorder's loop, because requests may keep the other loops busy.
        revisionPool = pool(names.name(.revision), url, 1, on: recorderLoop)
        directPool = pool(names.name(.schema), directURL ?? url, 1, on: loop)
    }

    /// The pool that does not need a current schema, because it serves the work that makes the schema current.
    package var directService: Service {
        Service(
            ChildSpec(id: "schema-pool") { [directPool] context in
                try await directPool.run { context.ready() }
            })
    }

    /// The pools that run while the gate is open.
    /// - Parameter storeFailure: why fixes could last not be stored; nil when they can be stored.
    package func service(storeFailure: @escaping @Sendable () -> StoreFailure?) -> Service {
        Service(
            child("connection-pool", pool), child("recorder-pool", recorderPool),
            child("revision-pool", revisionPool),
            checks: ["database": { self.check(storeFailure()) }]
        ) { collector in
            self.pool.health.collect(of: "queries", into: &collector)
            self.recorderPool.health.collect(of: "recorder", into: &collector)
            self.revisionPool.health.collect(of: "revision", into: &collector)
            self.directPool.health.collect(of: "schema", into: &collector)
        }
    }

    private func child(_ id: String, _ pool: PostgresPool) -> ChildSpec {
        ChildSpec(id: id) { [gate] context in
            // While the gate is closed the pool serves no caller, so the services that start after it must not wait
            // for it.
            if !gate.isOpen { context.ready() }
            try await gate.runWhileOpen {
                try await pool.run { context.ready() }
            }
        }
    }

    /// While the gate keeps the other pools away from the database, the health of the direct pool counts, which
    /// checks the schema. That pool may be silent for a while, so its silence is no failure.
    private func check(_ storeFailure: StoreFailure?) -> HealthCheck {
        guard !gate.isOpen else {
            return .database(
                queries: pool.health.probed(by: revisionPool.health), recorder: recorderPool.health,
                storeFailure: storeFailure, at: .now)
        }
        let health = directPool.health
        return .database(
            queries: health, recorder: health, storeFailure: nil, at: health.answeredAt ?? .now)
    }
}

extension PoolHealth {
    fileprivate func collect(of pool: String, into collector: inout MetricCollector) {
        let labels = [("pool", pool)]
        collector.gauge(
            "harbor_database_connections", Double(connected), "Connections to PostgreSQL, by pool.",
            labels: labels)
        collector.gauge(
            "harbor_database_connections_leased", Double(leased), "Connections in use, by pool.",
            labels: labels)
        collector.gauge(
            "harbor_database_waiters", Double(waiting), "Callers that wait for a connection, by pool.",
            labels: labels)
        collector.counter(
            "harbor_database_exhausted_total", Double(exhausted),
            "Callers that got no connection in time or were refused, by pool.", labels: labels)
        collector.gauge(
            "harbor_database_available", isAvailable ? 1 : 0,
            "1 while a pool has a connection and its breaker is closed, else 0.", labels: labels)
        collector.counter(
            "harbor_database_lost_total", Double(lost),
            "Lost connections to PostgreSQL, and failed attempts to connect, by pool.",
            labels: labels)
        collector.counter(
            "harbor_database_breaker_opened_total", Double(openings),
            "Times a pool's circuit breaker opened because the database was unavailable, by pool.",
            labels: labels)
        collector.counter(
            "harbor_database_sessions_renewed_total", Double(renewals),
            "Sessions replaced because their settings might be out of date, by pool.",
            labels: labels)
    }
}
