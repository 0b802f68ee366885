import Foundation
import HarborFleetTesting
import Testing

/// PostgreSQL goes away and comes back while the server runs, in every way that there is.
///
/// Bounds are the promised ones and some air for a loaded machine.
@Suite(.serialized) struct OutageTests {
    private static let direct = Task { try await OutageBench() }
    private static let proxied = Task { try await OutageBench(throughProxy: true) }
    /// 5 s for a POST.
    private static let slowest: Duration = .seconds(7)
    private static let atOnce: Duration = .seconds(2)

    @Test(.timeLimit(.minutes(2)), arguments: Outage.all)
    func anOutage_refusesPostsInBoundedTime_andEndsByItself(outage: Outage) async throws {
        let bench = try await (outage.needsProxy ? Self.proxied : Self.direct).value
        let start = Int(Date().timeIntervalSince1970 * 10) % 1_000_000
        let isTaken = try await bench.postUntilTaken("before", at: start)
        #expect(isTaken)
        try await waitUntil { try await bench.readiness().status == 200 }
        let linesBefore = Self.journal.map(bench.lines(with:))

        try await outage.begin(bench)
        do { try await during(outage, bench, start) } catch {
            try await outage.end(bench)
            throw error
        }
        try await outage.end(bench)

        let isTakenAgain = try await bench.postUntilTaken("during", at: start)
        #expect(isTakenAgain)
        let isReadyAgain = try await eventually(within: .seconds(15)) {
            try await bench.readiness().status == 200
        }
        let readiness = try await bench.readiness()
        #expect(isReadyAgain, "\(readiness)")
        let faults = try await bench.faultsOfTheTable()
        #expect(faults.isEmpty)
        #expect(bench.viewer.closeCode == nil && !bench.viewer.hasEnded)
        #expect(bench.viewer.faults.isEmpty, "\(bench.viewer.faults)")
        for (text, before) in zip(Self.journal, linesBefore) {
            #expect(bench.lines(with: text) - before <= 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func aTokenThatNobodyShowedBefore_reads_whileTheDatabaseIsAway() async throws {
        let cluster = try await PostgresCluster()
        let server = try await ServerProcess(database: .url(try await cluster.makeDatabase().tcpURL))
        try await server.start()
        try await server.addFleet("north")
        let known = APIClient(port: server.publicPort, token: try await server.addToken("known"))
        let unused = APIClient(port: server.publicPort, token: try await server.addToken("unused"))
        let path = "/api/v1/fleets/north/status"
        #expect(try await known.get(path).status == 200)
        let revoked = APIClient(port: server.publicPort, token: try await server.addToken("revoked"))
        #expect(try await revoked.get(path).status == 200)
        #expect(try await server.run(["tokens", "revoke", "revoked"]).exit == .code(0))
        try await waitUntil { try await revoked.get(path).status == 401 }
        // The list was read before this look-up.
        let stranger = APIClient(port: server.publicPort, token: "hft_" + String(repeating: "u", count: 43))
        #expect(try await stranger.get(path).status == 401)
        try await cluster.stop()
        try await waitUntil { try await known.get("/ready").status == 503 }
        try await waitUntil { try await unused.get(path).status == 200 }
        // The loop that served it last may take it for granted for a second, when no change of the revision was heard.
        try await waitUntil(within: .seconds(2)) { try await revoked.get(path).status != 200 }
        let another = APIClient(port: server.publicPort, token: "hft_" + String(repeating: "a", count: 43))
        #expect(try await another.get(path).status == 503)
    }

    @Test(.timeLimit(.minutes(1)), arguments: [false, true])
    func theListOfFleets_waitsForNoDatabase(isFrozen: Bool) async throws {
        let cluster = try await PostgresCluster()
        let server = try await ServerProcess(
            database: .url(try await cluster.makeDatabase().tcpURL),
            environment: ["HARBOR_PUBLIC_READ": "true"])
        try await server.start()
        for fleet in ["cold", "gone", "warm"] { try await server.addFleet(fleet) }
        let client = APIClient(port: server.publicPort)
        let path = "/api/v1/fleets"
        for fleet in ["gone", "warm"] {
            #expect(try await client.get("\(path)/\(fleet)/status").status == 200)
        }
        // Who knows that it is gone has read the list of fleets; nobody has asked for the cold one yet.
        #expect(try await server.run(["fleets", "remove", "gone"]).exit == .code(0))
        try await waitUntil { try await client.get(path + "/gone/status").status == 404 }
        if isFrozen { try await cluster.freeze() } else { try await cluster.stop() }
        let start = ContinuousClock.now
        let list = try await client.get(path)
        #expect(start.duration(to: .now) < Self.atOnce)
        let text = list.text
        #expect(text.hasPrefix(#"{"fleets":[{"fleet_id":"cold","name":"cold"},{"counts":"#), "\(text)")
        if isFrozen { try await cluster.thaw() } else { try await cluster.start() }
        try await waitUntil {
            try await client.get(path).text.hasPrefix(#"{"fleets":[{"counts""#)
        }
    }

    /// What the log says of outages.
    private static let journal = [
        "the database is unavailable", "the database is available again",
        "the database is still unavailable",
    ]

    /// What partners, viewers and load balancers see.
    private func during(_ outage: Outage, _ bench: OutageBench, _ start: Int) async throws {
        if outage.isSeenByItself { try await readyTells(outage, bench) }
        let first = try await bench.post("during", at: start)
        #expect(first.status == 503 && first.retryAfter != nil, "\(first)")
        #expect(first.duration < Self.slowest, "\(first)")
        if !outage.isSeenByItself { try await readyTells(outage, bench) }
        try await crowdIsRefused(bench, start)
        let statusTime = try await bench.statusTime()
        #expect(statusTime.map { $0 < Self.atOnce } == true)
    }

    private func readyTells(_ outage: Outage, _ bench: OutageBench) async throws {
        let start = ContinuousClock.now
        var seen = ""
        let tells = try await eventually(within: Self.slowest) {
            let readiness = try await bench.readiness()
            seen = readiness.database
            return readiness.status == 503 && seen.contains(outage.reason)
        }
        #expect(tells, "\(seen)")
        print("\(outage.testDescription): /ready tells after \(start.duration(to: .now)): \(seen)")
    }

    /// One of them may be the one that tries whether the database is back.
    private func crowdIsRefused(_ bench: OutageBench, _ start: Int) async throws {
        let answers = try await withThrowingTaskGroup(of: OutageBench.Answer.self) { group in
            for index in 1...10 { group.addTask { try await bench.post("crowd\(index)", at: start) } }
            return try await group.reduce(into: [OutageBench.Answer]()) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 503 && $0.retryAfter != nil })
        #expect(answers.count { $0.duration < Self.atOnce } >= 9, "\(answers.map(\.duration))")
        #expect(answers.allSatisfy { $0.duration < Self.slowest }, "\(answers.map(\.duration))")
    }

    @Test(.timeLimit(.minutes(2)), arguments: PostgresCluster.StopMode.allCases)
    func aRestart_losesNothingAcknowledged_underLoad(mode: PostgresCluster.StopMode) async throws {
        let bench = try await Self.direct.value
        let start = Int(Date().timeIntervalSince1970 * 10) % 1_000_000
        let statuses = try await withThrowingTaskGroup(of: Set<Int>.self) { group in
            for number in 0..<6 {
                group.addTask {
                    var seen: Set<Int> = []
                    for index in 0..<150 {
                        let answer = try await bench.post("load\(number)", at: start + index)
                        seen.insert(answer.status)
                        if answer.status == 503 { try await Task.sleep(for: .milliseconds(20)) }
                    }
                    return seen
                }
            }
            try await bench.cluster.restart(mode)
            return try await group.reduce(into: Set<Int>()) { $0.formUnion($1) }
        }
        #expect(statuses.isSubset(of: [202, 503]), "\(statuses)")
        let isTaken = try await bench.postUntilTaken("after", at: start)
        #expect(isTaken)
        let faults = try await bench.faultsOfTheTable()
        #expect(faults.isEmpty)
    }
}
