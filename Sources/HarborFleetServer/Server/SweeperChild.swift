internal import HarborFleetStorage
internal import Logging
internal import StoreCache
internal import Supervision

/// Deletes in the background what nobody sees any more: positions and fixes of removed fleets and vehicles,
/// expired sessions, receipts older than theirs.
struct SweeperChild: Sendable {
    private static let interval: Duration = .seconds(60)
    private static let busyInterval: Duration = .milliseconds(200)
    /// At the start, until the keeper of partitions has said what is old.
    private static let startInterval: Duration = .seconds(1)
    /// With the pause between, 10,000 a second: far more than come in.
    private static let receiptsAtOnce = 2_000

    let parts: ServerParts

    var spec: ChildSpec {
        ChildSpec(id: "sweeper") { context in
            context.ready()
            // One for all runs: it knows how far it has come.
            let sweeper = RemovalSweeper(pool: parts.pool)
            var told: StoreError?
            while true {
                let isStarting = parts.partitions.supply.horizon == nil
                let isBusy = await sweep(sweeper, &told)
                try await Task.sleep(
                    for: isBusy ? Self.busyInterval : isStarting ? Self.startInterval : Self.interval)
            }
        }
    }

    /// - Parameter told: the refusal that the log has told of.
    /// - Returns: whether there may be more.
    private func sweep(_ sweeper: RemovalSweeper, _ told: inout StoreError?) async -> Bool {
        do throws(StoreError) {
            let receipts = try await sweepByAge()
            let slices = try await sweeper.sweep()
            told = nil
            return slices > 0 || receipts == Self.receiptsAtOnce
        } catch {
            parts.logger.log(
                level: error.levelOfUpkeep(told: &told), "nothing swept", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// By the keeper's last run, not by a clock: see `RetentionGuard`. Before the first, nothing goes.
    /// - Returns: how many receipts went.
    private func sweepByAge() async throws(StoreError) -> Int {
        guard let horizon = parts.partitions.supply.horizon else { return 0 }
        try await parts.stores.sessions.deleteExpired(before: horizon.now)
        let retention = Duration.seconds(horizon.receiptDays * 86_400)
        return try await ReceiptSweeper(pool: parts.pool).delete(
            before: horizon.now.advanced(by: .zero - retention), limit: Self.receiptsAtOnce)
    }
}
