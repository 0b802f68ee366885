internal import HarborFleet
package import Logging
package import Postgres
internal import StoreCache
package import Supervision

/// Deletes data in the background that is no longer visible: positions and fixes of removed fleets and vehicles,
/// expired sessions, and receipts past their retention.
package struct Sweeper: Sendable {
    private static let interval: Duration = .seconds(60)
    private static let busyInterval: Duration = .milliseconds(200)
    /// Used at the start, until the partition maintainer has determined what has expired.
    private static let startInterval: Duration = .seconds(1)
    /// Together with the pause this allows 10,000 receipts a second, far more than arrive.
    private static let receiptsAtOnce = 2_000

    private let sessions: PostgresSessionStore
    private let receipts: ReceiptSweeper
    /// One sweeper for all runs, because it remembers how far it has come.
    private let removals: RemovalSweeper
    private let horizon: @Sendable () -> RetentionHorizon?
    private let logger: Logger

    /// - Parameter horizon: the limits for deletions by age; while it returns nil, nothing is deleted by age.
    package init(
        pool: PostgresPool, horizon: @escaping @Sendable () -> RetentionHorizon?, logger: Logger
    ) {
        sessions = PostgresSessionStore(pool: pool)
        receipts = ReceiptSweeper(pool: pool)
        removals = RemovalSweeper(pool: pool)
        self.horizon = horizon
        self.logger = logger
    }

    package var service: Service {
        Service(
            ChildSpec(id: "sweeper") { context in
                context.ready()
                var told: StoreError?
                try await PeriodicJob().run {
                    let isStarting = horizon() == nil
                    let isBusy = await sweep(&told)
                    return .after(
                        isBusy ? Self.busyInterval : isStarting ? Self.startInterval : Self.interval)
                }
            })
    }

    /// - Parameter told: the refusal that was logged last.
    /// - Returns: whether more may be left to delete.
    private func sweep(_ told: inout StoreError?) async -> Bool {
        do throws(StoreError) {
            let receipts = try await sweepByAge()
            let slices = try await removals.sweep()
            told = nil
            return slices > 0 || receipts == Self.receiptsAtOnce
        } catch {
            logger.log(
                level: error.levelOfUpkeep(told: &told), "removed or expired data could not be deleted",
                metadata: ["error": "\(error)"])
            return false
        }
    }

    /// Uses the limits of the partition maintainer's last run, not a clock: see `RetentionGuard`.
    /// - Returns: the number of deleted receipts.
    private func sweepByAge() async throws(StoreError) -> Int {
        guard let horizon = horizon() else { return 0 }
        try await sessions.deleteExpired(before: horizon.now)
        let retention = Duration.seconds(horizon.receiptDays * 86_400)
        return try await receipts.delete(
            before: horizon.now.advanced(by: .zero - retention), limit: Self.receiptsAtOnce)
    }
}
