internal import HarborFleet
package import Logging
package import Postgres
internal import StoreCache
package import Supervision
internal import Synchronization

/// Creates the partitions that fixes need and drops expired ones. It runs at the start, every hour, a minute after
/// a run that left something undone, and when a fix had no partition.
package final class PartitionMaintainer: Sendable {
    private static let interval: Duration = .seconds(3_600)
    private static let retryDelay: Duration = .seconds(60)
    /// Between runs while needed partitions are missing, as at the start, when nothing works without partitions.
    private static let startDelay: Duration = .seconds(1)
    /// How often it checks, in memory only, whether today has a partition: the clock may have been changed.
    private static let lookInterval: Duration = .seconds(60)
    /// The minimum time between two runs that are started by signals.
    private static let shortestPause: Duration = .seconds(2)
    /// The time limit for the last statement at a stop.
    private static let farewellLimit: Duration = .seconds(2)
    /// How long the other services wait for the first run.
    private static let othersWait: Duration = .seconds(1)

    /// Raised when a fix had no partition; starts a run.
    package let fixHadNoPartition = Signal()
    private let pool: PostgresPool
    private let gate: SchemaGate
    private let retention: RetentionGuard
    private let clock = SystemWallClock()
    private let logger: Logger
    private let isStopping: @Sendable () -> Bool
    private let keeper = PartitionKeeper()
    private let current: Mutex<PartitionStatus>

    /// - Parameters:
    ///   - pool: must not go through a PgBouncer, because the keeper's lock belongs to a session.
    ///   - isStopping: whether the whole process is ending, and not only this service before a restart.
    package init(
        pool: PostgresPool, gate: SchemaGate, retention: RetentionGuard, logger: Logger,
        isStopping: @escaping @Sendable () -> Bool
    ) {
        self.pool = pool
        self.gate = gate
        self.retention = retention
        self.logger = logger
        self.isStopping = isStopping
        current = Mutex(PartitionStatus(retentionDays: retention.fixDays))
    }

    package var service: Service {
        Service(
            ChildSpec(id: "partitions") { context in
                try await context.readyAtLatest(after: Self.othersWait) { try await self.run(context) }
            },
            checks: ["partitions": { self.status.check(at: self.clock.now()) }]
        ) { self.status.collect(at: self.clock.now(), into: &$0) }
    }

    /// The limits for deletions by age; nil until the first run has read them.
    package var horizon: RetentionHorizon? { status.horizon }

    private var status: PartitionStatus { current.withLock { $0 } }

    private var isShort: Bool { status.isShort(at: clock.now()) }

    private func update(_ change: (inout PartitionStatus) -> Void) { current.withLock { change(&$0) } }

    private func run(_ context: ChildContext) async throws {
        // The other services have already waited for the schema; they must not wait for it again here.
        if !gate.isOpen { context.ready() }
        try await gate.wait(untilOpen: true)
        var due = ContinuousClock.now
        do {
            try await PeriodicJob(wokenBy: fixHadNoPartition, pausingAtLeast: Self.shortestPause).run {
                isCalled in
                if isCalled || due <= .now || isShort {
                    let isDone = await keep { context.ready() }
                    try Task.checkCancellation()
                    due = .now + (isShort ? Self.startDelay : isDone ? Self.interval : Self.retryDelay)
                }
                return .at(min(due, .now + Self.lookInterval))
            }
        } catch {
            if isStopping() { await shielded { await self.withdraw() } }
            throw error
        }
    }

    /// Removes this server's retention, so that a restart with a shorter retention applies it at once. The
    /// retention of a server that was killed still counts for some days.
    private func withdraw() async {
        do throws(StoreError) {
            try await retention.withdraw(from: pool, within: Self.farewellLimit)
        } catch {
            logger.debug("the retention of this server was not removed", metadata: ["error": "\(error)"])
        }
    }

    /// Does one run.
    /// - Parameter onMade: called once all partitions that can be created exist.
    /// - Returns: whether everything was done.
    private func keep(onMade: () -> Void) async -> Bool {
        var problems: [String] = []
        do {
            try await run(problems: &problems, onMade: onMade)
        } catch {
            problems.append("\(error)")
        }
        let problem = problems.isEmpty ? nil : problems.joined(separator: "; ")
        if let problem, problem != status.problem {
            logger.warning("partition maintenance left something undone", metadata: ["error": "\(problem)"])
        }
        update { $0.ended(at: clock.now(), problem: problem) }
        return problem == nil
    }

    private func run(problems: inout [String], onMade: () -> Void) async throws {
        try await pool.withConnection { connection in
            // The horizon is read first, which registers this server's retention: from then on no other server
            // drops what is created here. Only dropping depends on it, so a failure does not stop the run.
            do { _ = try await readHorizon(connection) } catch { problems.append("\(error)") }
        }
        update { $0.isMaking = true }
        problems += try await make(onMade: onMade)
        problems += try await drop()
        if let doubt = horizon?.doubt { problems.append(doubt) }
    }

    /// Creates the partitions in slices, the most urgent first. With years of retention this takes a minute or
    /// more, and neither the server nor other users of the connection must wait that long.
    private func make(onMade: () -> Void) async throws -> [String] {
        try await inSlices { connection in
            try await keeper.ensure(
                now: clock.now(), retentionDays: retention.fixDays, limit: PartitionKeeper.tablesAtOnce,
                on: connection)
        } isLast: { report in
            onMade()
            // A day that cannot be created is in every report, and delays no other day. The last report holds the
            // problems that remain.
            return report.problems.isEmpty
                ? report.created.count < PartitionKeeper.tablesAtOnce : report.created.isEmpty
        }
    }

    private func drop() async throws -> [String] {
        try await inSlices { connection in
            try await keeper.dropExpired(limit: PartitionKeeper.tablesAtOnce, on: connection, readHorizon)
        } isLast: { report in
            report.dropped.count < PartitionKeeper.tablesAtOnce || !report.problems.isEmpty
        }
    }

    /// Does work in slices, each on a connection of its own, and surveys the partitions after each slice. Logs what
    /// all slices did, even when one fails.
    /// - Returns: the problems of the last slice.
    private func inSlices(
        _ slice: (PostgresConnection) async throws -> PartitionKeeper.Report,
        isLast: (PartitionKeeper.Report) -> Bool
    ) async throws -> [String] {
        var done = PartitionKeeper.Report()
        defer { note(done) }
        while true {
            let report = try await pool.withConnection { connection in
                let report = try await slice(connection)
                let survey = try await keeper.survey(on: connection)
                update { $0.survey = survey }
                return report
            }
            done.created += report.created
            done.dropped += report.dropped
            if isLast(report) { return report.problems }
        }
    }

    /// Reads the limits for dropping partitions and for other deletions by age.
    private func readHorizon(_ connection: PostgresConnection) async throws -> RetentionHorizon {
        let found = try await retention.horizon(now: clock.now(), on: connection)
        let before = horizon?.fixDays
        update { $0.horizon = found }
        if found.fixDays > retention.fixDays, found.fixDays != before {
            logger.info(
                "another server keeps fixes for longer, or did so within the last days",
                metadata: ["days": .stringConvertible(found.fixDays)])
        }
        return found
    }

    private func note(_ report: PartitionKeeper.Report) {
        update { $0.did(report) }
        log("partitions created", report.created)
        log("partitions dropped", report.dropped)
    }

    private func log(_ message: Logger.Message, _ tables: [String]) {
        guard let first = tables.first, let last = tables.last else { return }
        logger.info(
            message,
            metadata: [
                "count": .stringConvertible(tables.count), "first": "\(first)", "last": "\(last)",
            ])
    }
}
