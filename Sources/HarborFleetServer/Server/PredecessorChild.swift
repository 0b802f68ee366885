internal import HarborFleet
internal import Logging
internal import Postgres
internal import Supervision

/// Waits for the recorders of earlier processes to be gone, then merges once.
///
/// A killed server's backend can finish its statement after this server has loaded its trackers. Once none of
/// the backends that were there at the start is left, whatever they committed is in the table.
///
/// Nor is one at work that has been idle for a while. A PgBouncer keeps its connections to PostgreSQL when a client
/// has gone, and each goes by the name of the last client that it served.
struct PredecessorChild: Sendable {
    private static let interval: Duration = .milliseconds(500)
    /// A second server on the same database does not go: the reconciler serves that case.
    private static let patience = 240

    let parts: ServerParts

    var spec: ChildSpec {
        ChildSpec(id: "predecessors", restart: .transient) { context in
            context.ready()
            guard let others = try await firstAnswer(), !others.isEmpty else { return }
            for _ in 0..<Self.patience {
                try await Task.sleep(for: Self.interval)
                guard let left = try? await backends(), left.isDisjoint(with: others) else { continue }
                await parts.fleets.reconcileAll()
                return parts.logger.info("merged what earlier recorders left")
            }
        }
    }

    private func firstAnswer() async throws -> Set<Int64>? {
        for _ in 0..<Self.patience {
            if let found = try? await backends() { return found }
            try await Task.sleep(for: Self.interval)
        }
        return nil
    }

    private func backends() async throws -> Set<Int64> {
        let rows = try await parts.pool.query(
            """
            SELECT pid::bigint FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE 'harbor-fleet/%/recorder'
              AND application_name <> $1
              AND NOT (state = 'idle' AND state_change < clock_timestamp() - interval '2 seconds')
            """, [.text(parts.recorderName)])
        var found: Set<Int64> = []
        for row in rows { found.insert(try row.int64(0)) }
        return found
    }
}
