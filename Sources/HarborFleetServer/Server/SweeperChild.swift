internal import HarborFleet
internal import HarborFleetStorage
internal import Logging
internal import Supervision

/// Deletes in the background what nobody sees any more: positions and fixes of removed fleets and vehicles,
/// expired sessions, receipts older than theirs.
struct SweeperChild: Sendable {
    private static let interval: Duration = .seconds(60)
    private static let busyInterval: Duration = .milliseconds(200)
    /// With the pause between, 10,000 a second: far more than come in.
    private static let receiptsAtOnce = 2_000

    let parts: ServerParts

    var spec: ChildSpec {
        ChildSpec(id: "sweeper") { context in
            context.ready()
            while true {
                let isBusy = await sweep()
                try await Task.sleep(for: isBusy ? Self.busyInterval : Self.interval)
            }
        }
    }

    /// - Returns: whether there may be more.
    private func sweep() async -> Bool {
        do throws(StoreError) {
            let now = SystemWallClock().now()
            try await parts.stores.sessions.deleteExpired(before: now)
            let retention = Duration.seconds(parts.configuration.receiptRetentionDays * 86_400)
            let receipts = try await ReceiptSweeper(pool: parts.pool).delete(
                before: now.advanced(by: .zero - retention), limit: Self.receiptsAtOnce)
            let vehicles = try await RemovalSweeper(pool: parts.pool).sweep()
            return vehicles > 0 || receipts == Self.receiptsAtOnce
        } catch {
            parts.logger.debug("nothing swept", metadata: ["error": "\(error)"])
            return false
        }
    }
}
