import Foundation
import HarborFleetTesting
import Synchronization

/// One run of a plan under load, and what it found.
final class FaultRun: Sendable {
    /// The counts of a run, besides the ledger.
    struct Report: Sendable {
        var violations: [Violation] = []
        /// Failures that no fault excuses, such as a server that ended by itself.
        var failures: [String] = []
        var faults: [String: Int] = [:]
        var checkpoints = 0
        /// The longest time until POSTs were acknowledged again at a checkpoint.
        var longestRecovery: Duration = .zero
        /// The longest time until a status showed what was in the table.
        var longestLag: Duration = .zero
        var rows = 0
        var receipts = 0
        var duration: Duration = .zero
    }

    /// Partners and the fleets that they post to.
    static let partners = [("acme", "north"), ("bolt", "north"), ("cargo", "south"), ("dray", "east")]
    static let fleets = ["north", "south", "east"]
    private static let connectionsPerPartner = 2
    /// The margin for a response of a loaded machine.
    private static let slack: Duration = .seconds(4)
    /// The longest time from the end of a fault to normal service: the server's own waits and a start of PostgreSQL.
    private static let recovery: Duration = .seconds(45)

    let plan: FaultPlan
    let book = LedgerBook()
    private let bench: FaultBench
    private let reconcile: Duration
    private let postPause: Duration
    private let stepsPerCheckpoint: Int
    private let found = Mutex(Report())
    private let isClosing = Mutex(false)

    /// - Parameters:
    ///   - reconcile: `HARBOR_RECONCILE_S` of the bench.
    ///   - postPause: between two POSTs of a connection.
    init(
        _ plan: FaultPlan, on bench: FaultBench, reconcile: Duration, postPause: Duration,
        stepsPerCheckpoint: Int
    ) {
        self.plan = plan
        self.bench = bench
        self.reconcile = reconcile
        self.postPause = postPause
        self.stepsPerCheckpoint = stepsPerCheckpoint
    }

    var report: Report { found.withLock { $0 } }

    /// Runs the plan, waits until each POST is acknowledged, and checks the tables and the status.
    func run() async throws {
        let start = ContinuousClock.now
        let couriers = try await couriers()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for (courier, maker) in couriers { tasks.addTask { await self.post(courier, maker) } }
            do { try await perform() } catch { note("\(error)") }
            isClosing.withLock { $0 = true }
            try await tasks.waitForAll()
        }
        // A failure here must not hide the one that stopped the run.
        do { try await checkAll() } catch { note("\(error)") }
        found.withLock { $0.duration = ContinuousClock.now - start }
    }

    private func couriers() async throws -> [(Courier, PostMaker)] {
        for fleet in Self.fleets { try await bench.server.addFleet(fleet) }
        var couriers: [(Courier, PostMaker)] = []
        for (partner, fleet) in Self.partners {
            let secret = try await bench.server.addPartner(partner, fleets: [fleet])
            let api = APIClient(port: bench.server.publicPort, secret: secret)
            for number in 1...Self.connectionsPerPartner {
                let maker = PostMaker(
                    "\(partner)\(number)", partner: partner, fleet: fleet, shared: ["shared"],
                    seed: plan.seed &+ UInt64(couriers.count + 1))
                couriers.append((Courier(api: api, book: book), maker))
            }
        }
        try await bench.makeDurable()
        return couriers
    }

    /// One connection's load, until the plan is done and its last POST is acknowledged.
    private func post(_ courier: Courier, _ maker: PostMaker) async {
        var maker = maker
        var connection: RawClient?
        while !isClosing.withLock({ $0 }) {
            let post = maker.next()
            while !isClosing.withLock({ $0 }) {
                // In slices, so that it notices the end of the plan.
                let deadline = ContinuousClock.now + .seconds(1)
                if await courier.deliver(post, on: &connection, until: deadline) { break }
            }
            if isClosing.withLock({ $0 }) {
                let last = ContinuousClock.now + Self.recovery
                if await !courier.deliver(post, on: &connection, until: last) {
                    note("\(post.id) is not acknowledged \(Self.recovery) after the last fault")
                }
                return
            }
            // The rate of the load.
            try? await Task.sleep(for: postPause)
        }
    }

    // MARK: The faults

    private func perform() async throws {
        for (index, step) in plan.steps.enumerated() {
            do { try await perform(step) } catch {
                throw Stopped(description: "step \(index), \(step.fault.kind): \(error)")
            }
            guard (index + 1).isMultiple(of: stepsPerCheckpoint) else { continue }
            try await checkpoint(after: index)
        }
    }

    private struct Stopped: Error, CustomStringConvertible {
        let description: String
    }

    private func perform(_ step: FaultStep) async throws {
        if !bench.server.isRunning {
            note("the server ended by itself before \(step.fault.kind)")
            try bench.server.launch()
        }
        count(step.fault)
        let end = try await bench.begin(step.fault)
        // A fault must end also when the test fails during it.
        do { try await hold(step) } catch {
            try? await end()
            throw error
        }
        try await end()
        // The plan's pause, which is no wait for an event.
        try await Task.sleep(for: .milliseconds(step.pauseMilliseconds))
    }

    /// Lets the fault last for the time that the plan says.
    private func hold(_ step: FaultStep) async throws {
        try await Task.sleep(for: .milliseconds(step.holdMilliseconds / 2))
        if let companion = step.companion {
            count(companion)
            // The next server starts while the fault lasts.
            try await bench.begin(companion)()
        }
        try await Task.sleep(for: .milliseconds(step.holdMilliseconds / 2))
    }

    /// POSTs are acknowledged again, and the status of each fleet shows in time what is in the table now.
    private func checkpoint(after index: Int) async throws {
        let before = book.acknowledgements
        let healed = ContinuousClock.now
        guard await book.waitForAcknowledgements(beyond: before + 3, within: Self.recovery) else {
            throw Stopped(
                description:
                    "nothing is acknowledged after step \(index)\n\(bench.server.log.suffix(6_000))")
        }
        let recovery = ContinuousClock.now - healed
        let session = try await SuperuserSession(bench.database)
        let floor = try await TableReader(session: session).newest()
        await session.close()
        let start = ContinuousClock.now
        var stale: [Violation] = []
        // The status over HTTP is what is checked, and it is read: it announces no change.
        let isFresh = try await eventually(within: reconcile + Self.slack) {
            guard let shown = try? await status.shown() else { return false }
            stale = LedgerCheck.staleness(of: shown, since: floor)
            return stale.isEmpty
        }
        let lag = ContinuousClock.now - start
        found.withLock { report in
            report.checkpoints += 1
            report.longestRecovery = max(report.longestRecovery, recovery)
            report.longestLag = max(report.longestLag, lag)
            if !isFresh { report.violations += stale }
        }
        if !isFresh { note("after step \(index) the status is stale for \(lag): \(stale.prefix(5))") }
    }

    // MARK: The end

    private func checkAll() async throws {
        try await bench.server.waitUntilReady()
        let session = try await SuperuserSession(bench.database)
        let tables = try await TableReader(session: session).tables()
        await session.close()
        let newest = tables.newest
        var wrong: [Violation] = []
        // As above.
        _ = try await eventually(within: reconcile + Self.slack) {
            guard let shown = try? await status.shown() else { return false }
            wrong = LedgerCheck.status(shown, against: newest)
            return wrong.isEmpty
        }
        let violations = LedgerCheck(ledger: book.value, tables: tables).violations + wrong
        found.withLock { report in
            report.violations += violations
            report.failures += book.unexpected
            report.rows = tables.rows.count
            report.receipts = tables.receipts.count
        }
    }

    private var status: StatusReader { StatusReader(port: bench.server.publicPort, fleets: Self.fleets) }

    private func note(_ failure: String) { found.withLock { $0.failures.append(failure) } }

    private func count(_ fault: Fault) { found.withLock { $0.faults[fault.kind, default: 0] += 1 } }
}
