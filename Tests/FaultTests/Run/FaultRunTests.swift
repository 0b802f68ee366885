import Foundation
import HarborFleetTesting
import Testing

/// The whole server under faults and load. The seed is printed: `make faults FAULTS=9 SEED=…` runs the same plan.
@Suite(.serialized) struct FaultRunTests {
    /// `HARBOR_TEST_FAULTS` and `HARBOR_TEST_SEED`; a short run with a fresh seed without them.
    private static let faults = number("HARBOR_TEST_FAULTS").map { Int($0) } ?? 9
    private static let seed = number("HARBOR_TEST_SEED") ?? UInt64.random(in: 1...999_999_999)

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test(.timeLimit(.minutes(90)))
    func acknowledgedFixes_areStoredOnce_andTheStatusIsTheTable_underEachFault() async throws {
        let isLong = Self.faults > 20
        let plan = FaultPlan(seed: Self.seed, count: Self.faults, pace: isLong ? .long : .short)
        print("faults: \(plan.steps.count), seed \(plan.seed)")
        let bench = try await FaultBench(reconcile: "1")
        let run = FaultRun(
            plan, on: bench, reconcile: .seconds(1),
            postPause: .milliseconds(isLong ? 60 : 15), stepsPerCheckpoint: isLong ? 5 : 3)
        try await run.run()
        let report = run.report
        print(Self.summary(report, run.book.value, slowest: run.book.slowestResponse))
        #expect(report.violations.isEmpty, "\(report.violations.count): \(report.violations.prefix(10))")
        #expect(report.failures.isEmpty, "\(report.failures.prefix(5).joined(separator: "\n"))")
        #expect(run.book.value.unacknowledged == 0)
        // A refusal comes in bounded time: a wait for a connection and one for a statement.
        #expect(run.book.slowestResponse < .seconds(8))
        // The run had faults, checkpoints and load.
        #expect(report.faults.values.reduce(0, +) >= Self.faults)
        #expect(report.checkpoints == Self.faults / (isLong ? 5 : 3))
        #expect(report.rows > 10 * Self.faults)
        if !report.violations.isEmpty || !report.failures.isEmpty {
            print(bench.server.log.suffix(20_000))
        }
    }

    private static func summary(
        _ report: FaultRun.Report, _ ledger: FaultLedger, slowest: Duration
    ) -> String {
        let kinds = report.faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let refusals = ledger.refusals.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return """
            faults: \(report.faults.values.reduce(0, +)) in \(report.duration) (\(kinds.joined(separator: ", ")))
            ledger: \(ledger.entries.count) POSTs in \(ledger.copies) copies, \(ledger.acknowledgements) × 202, \
            refused [\(refusals.joined(separator: ", "))], \(ledger.lost) without a response, \
            \(ledger.claims.count) fixes sent, slowest response \(slowest)
            tables: \(report.rows) rows, \(report.receipts) receipts; \(report.checkpoints) checkpoints, \
            acknowledged again within \(report.longestRecovery), status behind for at most \(report.longestLag); \(report.violations.count) violations
            """
    }
}
