internal import HarborFleet
package import Logging
package import Postgres
internal import StoreCache
package import Supervision

/// Deletes in the background what cannot be seen any more: positions and fixes of removed fleets and vehicles, expired
/// sessions, receipts older than theirs.
package struct Sweeper: Sendable {
    private static let interval: Duration = .seconds(60)
    private static let busyInterval: Duration = .milliseconds(200)
    /// At the start, until the partition maintainer has said what is old.
    private static let startInterval: Duration = .seconds(1)
    /// With the pause between, 10,000 a second: far more than come in.
    private static let receiptsAtOnce = 2_000

    private let sessions: PostgresSessionStore
    private let receipts: ReceiptSweeper
    /// One for all runs: it knows how far it has come.
    private let removals: RemovalSweeper
    private let horizon: @Sendable () -> RetentionHorizon?
    private let logger: Logger

    /// - Parameter horizon: what deletions by age go by; nil, and then nothing is deleted by age, until it is known.
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

    /// - Parameter told: the refusal that the log has told of.
    /// - Returns: whether there may be more.
    private func sweep(_ told: inout StoreError?) async -> Bool {
        do throws(StoreError) {
            let receipts = try await sweepByAge()
            let slices = try await removals.sweep()
            told = nil
            return slices > 0 || receipts == Self.receiptsAtOnce
        } catch {
            logger.log(
                level: error.levelOfUpkeep(told: &told), "nothing swept", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// By the partition maintainer's last run, not by a clock: see `RetentionGuard`.
    /// - Returns: how many receipts were deleted.
    private func sweepByAge() async throws(StoreError) -> Int {
        guard let horizon = horizon() else { return 0 }
        try await sessions.deleteExpired(before: horizon.now)
        let retention = Duration.seconds(horizon.receiptDays * 86_400)
        return try await receipts.delete(
            before: horizon.now.advanced(by: .zero - retention), limit: Self.receiptsAtOnce)
    }
}
