package import Logging
package import Postgres
package import Supervision

/// Watches the database sessions of earlier processes' recorders until they are gone, and merges what they commit.
///
/// The backend of a killed server can finish its statement after this server has loaded its trackers. Once no
/// backend that existed at the start is busy, everything that those backends committed is in the table.
package struct PredecessorMerger: Sendable {
    private static let interval: Duration = .milliseconds(500)
    /// The maximum number of looks. A second server on the same database does not go away; the reconciler handles
    /// that case.
    private static let patience = 240

    private let pool: PostgresPool
    private let ownName: String
    private let logger: Logger
    private let mergeAll: @Sendable () async -> Void

    /// - Parameters:
    ///   - ownName: the session name of this process's own recorder.
    ///   - merge: merges the newest rows of all fleets.
    package init(
        pool: PostgresPool, ownName: String, logger: Logger, merge: @escaping @Sendable () async -> Void
    ) {
        self.pool = pool
        self.ownName = ownName
        self.logger = logger
        mergeAll = merge
    }

    package var service: Service {
        Service(
            ChildSpec(id: "predecessors", restart: .transient) { context in
                context.ready()
                var (watch, looks) = (PredecessorWatch(), 0)
                try await PeriodicJob().run {
                    looks += 1
                    let found = try? await backends()
                    switch found.map({ watch.looked(at: $0.all, busy: $0.busy) }) {
                    case .look?, nil: break
                    case .merge?: await merge()
                    case .mergeAndEnd?:
                        await merge()
                        return .never
                    case .end?: return .never
                    }
                    return looks < Self.patience ? .after(Self.interval) : .never
                }
            })
    }

    private func merge() async {
        await mergeAll()
        logger.info("merged the fixes that earlier processes committed")
    }

    private func backends() async throws -> (all: Set<Int64>, busy: Set<Int64>) {
        let rows = try await pool.query(
            """
            SELECT pid::bigint, NOT (state = 'idle' AND state_change < clock_timestamp() - interval '2 seconds')
            FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE $2 AND application_name <> $1
            """, [.text(ownName), .text(SessionNames.pattern(.recorder))])
        var all: Set<Int64> = []
        var busy: Set<Int64> = []
        for row in rows {
            all.insert(try row.int64(0))
            // The state is NULL when PostgreSQL hides another role's backend; such a backend counts as busy.
            if try row.isNull(1) || row.bool(1) { busy.insert(try row.int64(0)) }
        }
        return (all, busy)
    }
}
