internal import HarborFleet
internal import HarborFleetStorage
internal import Logging
internal import Supervision

/// Deletes in the background what nobody sees any more: positions and fixes of removed fleets and vehicles,
/// expired sessions, receipts older than the retention.
struct SweeperChild: Sendable {
    private static let interval: Duration = .seconds(60)
    private static let busyInterval: Duration = .milliseconds(200)

    let parts: ServerParts

    var spec: ChildSpec {
        ChildSpec(id: "sweeper") { context in
            context.ready()
            let sweeper = RemovalSweeper(pool: parts.pool)
            while true {
                let swept = await sweep(sweeper)
                try await Task.sleep(for: swept > 0 ? Self.busyInterval : Self.interval)
            }
        }
    }

    /// - Returns: how many removed vehicles were dealt with.
    private func sweep(_ sweeper: RemovalSweeper) async -> Int {
        do throws(StoreError) {
            let now = SystemWallClock().now()
            let retention = Duration.seconds(parts.configuration.retentionDays * 86_400)
            try await parts.stores.sessions.deleteExpired(before: now)
            _ = try await sweeper.deleteReceipts(before: now.advanced(by: .zero - retention))
            return try await sweeper.sweep()
        } catch {
            parts.logger.debug("nothing swept", metadata: ["error": "\(error)"])
            return 0
        }
    }
}
