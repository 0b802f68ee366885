internal import HarborFleet
internal import HarborFleetStorage
internal import Logging
internal import Postgres
internal import Supervision

/// Keeps the partitions there that fixes need, and drops the expired ones: at the start, every hour, a minute after a
/// run that left something undone, and when a fix had no place.
struct PartitionChild: Sendable {
    private static let interval: Duration = .seconds(3_600)
    private static let retryDelay: Duration = .seconds(60)
    /// At the start, when nothing works without partitions.
    private static let startDelay: Duration = .seconds(1)
    /// How often it is looked, in memory alone, whether today has a partition: the clock may have been set.
    private static let lookInterval: Duration = .seconds(60)
    /// Calls are answered this often at most.
    private static let callInterval: Duration = .seconds(2)
    /// At a stop.
    private static let farewellLimit: Duration = .seconds(2)
    /// How long the others wait for the first run.
    private static let othersWait: Duration = .seconds(1)

    let parts: ServerParts

    var spec: ChildSpec {
        ChildSpec(id: "partitions") { context in
            try await context.readyAtLatest(after: Self.othersWait) { try await run(context) }
        }
    }

    private var board: PartitionBoard { parts.partitions }

    private func run(_ context: ChildContext) async throws {
        // The others waited for the schema already.
        if !parts.gate.isOpen { context.ready() }
        try await parts.gate.wait(untilOpen: true)
        do {
            while true {
                let isDone = await keep { context.ready() }
                try Task.checkCancellation()
                try await waitForNextRun(isDone)
            }
        } catch {
            if parts.lifecycle.isStopRequested { await shielded { await withdraw() } }
            throw error
        }
    }

    /// So that a server that is started again with a shorter retention has it at once. One that cannot tell any more is
    /// heeded for some days.
    private func withdraw() async {
        do throws(StoreError) {
            try await retention.withdraw(from: parts.directPool, within: Self.farewellLimit)
        } catch {
            parts.logger.debug("the retentions were not withdrawn", metadata: ["error": "\(error)"])
        }
    }

    private var retention: RetentionGuard {
        RetentionGuard(
            server: parts.recorderName, fixDays: parts.configuration.retentionDays,
            receiptDays: parts.configuration.receiptRetentionDays)
    }

    private func waitForNextRun(_ isDone: Bool) async throws {
        let clock = SystemSupervisionClock()
        let isShort = board.supply.isShort(at: board.clock.now())
        let next = clock.now() + (isShort ? Self.startDelay : isDone ? Self.interval : Self.retryDelay)
        try await Task.sleep(for: isShort ? Self.startDelay : Self.callInterval)
        while clock.now() < next {
            let look = clock.now() + Self.lookInterval
            try await clock.sleep(until: min(look, next), wokenBy: board.calls)
            // Woken early is called.
            if clock.now() < min(look, next) || board.supply.isShort(at: board.clock.now()) { return }
        }
    }

    /// One run.
    /// - Parameter onMade: called when those that can be made are there.
    /// - Returns: whether all was done.
    private func keep(onMade: () -> Void) async -> Bool {
        var problems: [String] = []
        do {
            try await run(problems: &problems, onMade: onMade)
        } catch {
            problems.append("\(error)")
        }
        let problem = problems.isEmpty ? nil : problems.joined(separator: "; ")
        if let problem, problem != board.supply.problem {
            parts.logger.warning("partitions are not as they should be", metadata: ["error": "\(problem)"])
        }
        board.update { $0.ended(at: board.clock.now(), problem: problem) }
        return problem == nil
    }

    private func run(problems: inout [String], onMade: () -> Void) async throws {
        try await parts.directPool.withConnection { connection in
            // First: from then on no other server drops what is made here. Only dropping depends on it.
            do { _ = try await horizon(connection) } catch { problems.append("\(error)") }
        }
        board.update { $0.makes() }
        problems += try await make(onMade: onMade)
        problems += try await drop()
        if let doubt = board.supply.horizon?.doubt { problems.append(doubt) }
    }

    /// Some at a time, the most urgent first: with years of retention it takes a minute or more, for which neither the
    /// server nor those who need the connection wait.
    private func make(onMade: () -> Void) async throws -> [String] {
        var made = PartitionKeeper.Report()
        defer { note(made) }
        while true {
            let report = try await parts.directPool.withConnection { connection in
                let report = try await keeper.ensure(
                    now: board.clock.now(), retentionDays: parts.configuration.retentionDays,
                    limit: PartitionKeeper.tablesAtOnce, on: connection)
                try await look(connection)
                return report
            }
            made.created += report.created
            onMade()
            // A day that cannot be made is in every report, and keeps no other day waiting. The last report has what
            // is left.
            let isLast =
                report.problems.isEmpty
                ? report.created.count < PartitionKeeper.tablesAtOnce : report.created.isEmpty
            if isLast { return report.problems }
        }
    }

    private func drop() async throws -> [String] {
        var dropped = PartitionKeeper.Report()
        defer { note(dropped) }
        while true {
            let report = try await parts.directPool.withConnection { connection in
                let report = try await keeper.dropExpired(
                    limit: PartitionKeeper.tablesAtOnce, on: connection, horizon)
                try await look(connection)
                return report
            }
            dropped.dropped += report.dropped
            guard report.dropped.count >= PartitionKeeper.tablesAtOnce, report.problems.isEmpty else {
                return report.problems
            }
        }
    }

    private var keeper: PartitionKeeper { PartitionKeeper() }

    private func look(_ connection: PostgresConnection) async throws {
        let survey = try await keeper.survey(on: connection)
        board.update { $0.found(survey) }
    }

    /// What may be dropped, also for those who delete other things by their age.
    private func horizon(_ connection: PostgresConnection) async throws -> RetentionHorizon {
        let horizon = try await retention.horizon(now: board.clock.now(), on: connection)
        let before = board.supply.horizon?.fixDays
        board.update { $0.found(horizon) }
        if horizon.fixDays > parts.configuration.retentionDays, horizon.fixDays != before {
            parts.logger.info(
                "another server keeps fixes for longer, or did so in the last days",
                metadata: ["days": .stringConvertible(horizon.fixDays)])
        }
        return horizon
    }

    private func note(_ report: PartitionKeeper.Report) {
        board.update { $0.did(report) }
        if !report.created.isEmpty { log("partitions made", report.created) }
        if !report.dropped.isEmpty { log("partitions dropped", report.dropped) }
    }

    private func log(_ message: Logger.Message, _ tables: [String]) {
        parts.logger.info(
            message,
            metadata: [
                "count": .stringConvertible(tables.count), "first": "\(tables.first ?? "")",
                "last": "\(tables.last ?? "")",
            ])
    }
}
