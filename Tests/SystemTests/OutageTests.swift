import Foundation
import HarborFleetTesting
import Testing

/// PostgreSQL goes away and comes back while the server runs, in every way that we know.
///
/// The suites have a bench each, so that the waits of one do not delay the others.
@Suite enum OutageTests {
    @Suite(.serialized, .timeLimit(.minutes(3))) struct Quick {
        private static let bench = Task { try await OutageBench() }

        @Test(arguments: Outage.quick)
        func outage_refusesPostsInBoundedTime_andEndsByItself(_ outage: Outage) async throws {
            try await OutageCheck(bench: Self.bench.value, outage: outage).run()
        }

        @Test(arguments: PostgresCluster.StopMode.allCases)
        func restartUnderLoad_losesNothingAcknowledged(mode: PostgresCluster.StopMode) async throws {
            let bench = try await Self.bench.value
            let start = OutageCheck.freshTime()
            let statuses = try await withThrowingTaskGroup(of: Set<Int>.self) { group in
                for number in 0..<6 {
                    group.addTask { try await post(to: bench, as: "load\(number)", start) }
                }
                try await bench.cluster.restart(mode)
                return try await group.reduce(into: Set<Int>()) { $0.formUnion($1) }
            }
            #expect(statuses.isSubset(of: [202, 503]), "\(statuses)")
            try await bench.postUntilAcknowledged("after", at: start)
            let faults = try await bench.faultsOfTheTable()
            #expect(faults.isEmpty)
        }

        /// - Returns: the statuses of the responses.
        private func post(to bench: OutageBench, as vehicle: String, _ start: Int) async throws -> Set<Int> {
            var seen: Set<Int> = []
            for index in 0..<150 {
                let status = try await bench.post(vehicle, at: start + index).status
                seen.insert(status)
                // A partner's pause after a refusal.
                if status == 503 { try await Task.sleep(for: .milliseconds(20)) }
            }
            return seen
        }
    }

    @Suite(.serialized, .timeLimit(.minutes(3))) struct Silent {
        private static let bench = Task { try await OutageBench() }

        @Test(arguments: Outage.silent)
        func outage_refusesPostsInBoundedTime_andEndsByItself(_ outage: Outage) async throws {
            try await OutageCheck(bench: Self.bench.value, outage: outage).run()
        }
    }

    @Suite(.serialized, .timeLimit(.minutes(3))) struct Network {
        private static let bench = Task { try await OutageBench(throughProxy: true) }

        @Test(arguments: Outage.network)
        func outage_refusesPostsInBoundedTime_andEndsByItself(_ outage: Outage) async throws {
            try await OutageCheck(bench: Self.bench.value, outage: outage).run()
        }
    }
}

/// One outage, and what partners, viewers and load balancers see of it.
///
/// The bounds are the promised ones, with a margin for a loaded machine.
struct OutageCheck: Sendable {
    /// 5 s are promised for a POST.
    private static let slowest: Duration = .seconds(7)
    static let atOnce: Duration = .seconds(2)
    let bench: OutageBench
    let outage: Outage
    /// The time of this check's fixes in milliseconds, which no other check of the bench has.
    private let start = Self.freshTime()

    init(bench: OutageBench, outage: Outage) {
        self.bench = bench
        self.outage = outage
    }

    static func freshTime() -> Int { Int(Date().timeIntervalSince1970 * 10) % 1_000_000 }

    func run() async throws {
        try await bench.postUntilAcknowledged("before", at: start)
        try await bench.waitForReadiness(200, within: .seconds(20))
        let linesBefore = bench.outageLines()

        try await outage.begin(bench)
        do { try await during() } catch {
            try await outage.end(bench)
            throw error
        }
        try await outage.end(bench)

        try await bench.postUntilAcknowledged("during", at: start)
        try await bench.waitForReadiness(200, within: .seconds(15))
        let faults = try await bench.faultsOfTheTable()
        #expect(faults.isEmpty)
        #expect(bench.viewer.closeCode == nil && !bench.viewer.hasEnded)
        #expect(bench.viewer.faults.isEmpty, "\(bench.viewer.faults)")
        // The log has each line of an outage once at most.
        let lines = bench.outageLines()
        #expect(lines.allSatisfy { $0.value - linesBefore[$0.key, default: 0] <= 1 }, "\(lines)")
    }

    private func during() async throws {
        if outage.isNoticedWithoutPost { try await readyFails() }
        let first = try await bench.post("during", at: start)
        #expect(first.status == 503 && first.retryAfter != nil, "\(first)")
        #expect(first.duration < Self.slowest, "\(first)")
        if !outage.isNoticedWithoutPost { try await readyFails() }
        try await concurrentPostsAreRefused()
        let statusTime = try await bench.statusTime()
        #expect(statusTime.map { $0 < Self.atOnce } == true)
    }

    private func readyFails() async throws {
        let start = ContinuousClock.now
        let reason = try await bench.waitForReadiness(503, reason: outage.reason, within: Self.slowest)
        print("\(outage.testDescription): /ready fails after \(start.duration(to: .now)): \(reason)")
    }

    /// One of them may be the one that tries whether the database is back.
    private func concurrentPostsAreRefused() async throws {
        let responses = try await withThrowingTaskGroup(of: OutageBench.Response.self) { group in
            for index in 1...10 { group.addTask { try await bench.post("crowd\(index)", at: start) } }
            return try await group.reduce(into: [OutageBench.Response]()) { $0.append($1) }
        }
        #expect(responses.allSatisfy { $0.status == 503 && $0.retryAfter != nil })
        #expect(responses.count { $0.duration < Self.atOnce } >= 9, "\(responses.map(\.duration))")
        #expect(responses.allSatisfy { $0.duration < Self.slowest }, "\(responses.map(\.duration))")
    }
}
