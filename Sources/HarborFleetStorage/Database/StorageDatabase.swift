package import EventLoops
package import HarborFleet
package import Logging
package import Postgres
package import Supervision
internal import Telemetry

/// A server's database: its pools of connections, and the gate that keeps most of them away from a schema that this
/// binary may not work with.
package final class StorageDatabase: Sendable {
    /// For all work but that of the others.
    package let pool: PostgresPool
    /// The recorder's own connections, so that no query makes a commit wait.
    package let recorderPool: PostgresPool
    /// One connection for the revision alone: revocations wait for it, so it must not wait for a connection.
    package let revisionPool: PostgresPool
    /// For what no PgBouncer may stand between: session locks.
    package let directPool: PostgresPool
    /// Open while this binary may work with the schema.
    package let gate = SchemaGate()
    package let names = SessionNames()

    /// - Parameters:
    ///   - directURL: past a PgBouncer; nil where none stands between.
    ///   - size: connections of `pool`.
    ///   - unitsInFlight: connections of the recorder.
    ///   - loop: of `pool`. The services that ask the database again and again run there, so that no other thread wakes
    ///     for it.
    ///   - recorderLoop: of the recorder and its pool: between the two nothing has to wake another thread.
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
        // On the recorder's loop: on the others requests may keep it waiting.
        revisionPool = pool(names.name(.revision), url, 1, on: recorderLoop)
        directPool = pool(names.name(.schema), directURL ?? url, 1, on: loop)
    }

    /// The pool that needs no current schema, since it serves those who make it.
    package var directService: Service {
        Service(
            ChildSpec(id: "schema-pool") { [directPool] context in
                try await directPool.run { context.ready() }
            })
    }

    /// The pools that run while the gate is open.
    /// - Parameter storeFailure: why fixes could last not be stored; nil when they can.
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
            // While the gate is closed a caller gets nothing here, so no sibling waits for the pool.
            if !gate.isOpen { context.ready() }
            try await gate.runWhileOpen {
                try await pool.run { context.ready() }
            }
        }
    }

    /// While the schema keeps the other pools away from the database, the pool that looks at the schema tells how it is;
    /// that one may be silent for a while.
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
            "harbor_database_connections_leased", Double(leased), "Of them in use.", labels: labels)
        collector.gauge(
            "harbor_database_waiters", Double(waiting), "Callers that wait for a connection, by pool.",
            labels: labels)
        collector.counter(
            "harbor_database_exhausted_total", Double(exhausted),
            "Callers that waited for a connection in vain or were refused, by pool.", labels: labels)
        collector.gauge(
            "harbor_database_available", isAvailable ? 1 : 0,
            "1 while a pool has a connection and its breaker is closed, else 0.", labels: labels)
        collector.counter(
            "harbor_database_lost_total", Double(lost),
            "Connections to PostgreSQL that were lost, and tries to connect that failed, by pool.",
            labels: labels)
        collector.counter(
            "harbor_database_breaker_opened_total", Double(openings),
            "Times that a pool began to refuse its callers because the database is away, by pool.",
            labels: labels)
        collector.counter(
            "harbor_database_sessions_renewed_total", Double(renewals),
            "Sessions that were replaced since their state, a read-only default for example, might be old, by pool.",
            labels: labels)
    }
}
