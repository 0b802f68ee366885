internal import HarborFleet
internal import Logging
internal import Postgres
internal import Supervision

/// Watches the recorders of earlier processes until they are gone, and merges what they commit.
///
/// A killed server's backend can finish its statement after this server has loaded its trackers. Once none of
/// the backends that were there at the start is at work, whatever they committed is in the table.
struct PredecessorChild: Sendable {
    private static let interval: Duration = .milliseconds(500)
    /// A second server on the same database does not go: the reconciler serves that case.
    private static let patience = 240

    let parts: ServerParts

    var spec: ChildSpec {
        ChildSpec(id: "predecessors", restart: .transient) { context in
            context.ready()
            var watch = PredecessorWatch()
            for _ in 0..<Self.patience {
                if let found = try? await backends() {
                    switch watch.looked(at: found.all, busy: found.busy) {
                    case .look: break
                    case .merge: await merge()
                    case .mergeAndEnd: return await merge()
                    case .end: return
                    }
                }
                try await Task.sleep(for: Self.interval)
            }
        }
    }

    private func merge() async {
        await parts.fleets.reconcileAll()
        parts.logger.info("merged what earlier recorders left")
    }

    private func backends() async throws -> (all: Set<Int64>, busy: Set<Int64>) {
        let rows = try await parts.pool.query(
            """
            SELECT pid::bigint, NOT (state = 'idle' AND state_change < clock_timestamp() - interval '2 seconds')
            FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE 'harbor-fleet/%/recorder'
              AND application_name <> $1
            """, [.text(parts.recorderName)])
        var all: Set<Int64> = []
        var busy: Set<Int64> = []
        for row in rows {
            all.insert(try row.int64(0))
            // Unknown where another role's backend hides it.
            if try row.isNull(1) || row.bool(1) { busy.insert(try row.int64(0)) }
        }
        return (all, busy)
    }
}
