import FleetWire
import HarborFleetTesting
import Testing

@testable import HarborFleet

/// A reloaded tracker shows the same as the one before it, and continues like it.
@Suite struct ReloadTests {
    /// A fleet whose POSTs go to a tracker and to a table, like in `Fleets.ingest`.
    private struct Bench {
        var state: TrackerState
        var table: [VehicleID: [Timestamp: StoredFix]] = [:]

        init() throws { state = try Self.makeState() }

        static func makeState() throws -> TrackerState {
            TrackerState(
                fleetID: try Samples.fleet(), epoch: "e1", generation: 1, rules: MotionRules(),
                now: Samples.now)
        }

        /// - Parameter known: the tracker that the POST saw. A concurrent POST sees an older one.
        mutating func post(_ fixes: [StoredFix], at now: Timestamp, known: TrackerState? = nil) {
            let vehicles = (known ?? state).vehicles
            let plan = IngestPlan(
                Samples.batch(fixes), receivedAt: now,
                known: fixes.map { vehicles[$0.fix.vehicleID] },
                newVehicles: Set(fixes.map(\.fix.vehicleID)),
                aheadUnknownUntil: (known ?? state).snapshot.aheadUnknownUntil, rules: MotionRules())
            _ = state.fixesReceived(plan.fixes, now: now)
            for fix in plan.fixes where table[fix.fix.vehicleID]?[fix.fix.recordedAt] == nil {
                table[fix.fix.vehicleID, default: [:]][fix.fix.recordedAt] = fix
            }
        }

        func reloaded(at now: Timestamp) throws -> TrackerState {
            var state = try Self.makeState()
            state.rowsLoaded(
                table.values.compactMap { $0.values.max { $1.isNewer(than: $0) } }, now: now)
            return state
        }
    }

    private func lines(_ state: TrackerState) -> [String] {
        state.snapshot.sortedVehicles.map { String(decoding: $0.fragment, as: UTF8.self) }
    }

    /// POSTs of (seconds, speed) of one vehicle, each received with its last fix, and the expected state.
    struct Drive: Sendable, CustomTestStringConvertible {
        var posts: [[(at: Double, speed: Double)]]
        var reload: Double
        var state: VehicleState
        var testDescription: String { "\(posts), at \(reload) \(state)" }
    }

    @Test(arguments: [
        Drive(posts: [[(0, 5)], [(1, 0.7)]], reload: 2, state: .moving),
        Drive(posts: [[(0, 5)], [(1, 0.7)]], reload: 290, state: .moving),
        Drive(posts: [[(0, 5), (1, 0.7)]], reload: 2, state: .moving),
        Drive(posts: [[(0, 5), (1, 0.2)]], reload: 10.9, state: .moving),
        Drive(posts: [[(0, 5), (1, 0.2)]], reload: 11, state: .idle),
        Drive(posts: [[(0, 5)], [(1, 0.2)], [(6, 0.2)]], reload: 10.9, state: .moving),
        Drive(posts: [[(0, 5)], [(1, 0.2)], [(6, 0.2)]], reload: 11, state: .idle),
        Drive(posts: [[(0, 5), (1, 0.2), (11, 0.2)]], reload: 11, state: .idle),
        Drive(posts: [[(0, 5), (1, 0.2), (11, 0.2), (12, 0.7)]], reload: 12, state: .idle),
        Drive(posts: [[(0, 5)], [(1, 0.2)], [(12, 0.7)]], reload: 12, state: .idle),
        Drive(posts: [[(0, 5)], [(320, 0.7)]], reload: 320, state: .idle),
        Drive(posts: [[(1, 0.7), (0, 5)]], reload: 2, state: .idle),
        Drive(posts: [[(0, 5)], [(1, 0.7)]], reload: 301, state: .offline),
    ])
    func reloadedTracker_showsTheSame_afterADrive(drive: Drive) throws {
        var bench = try Bench()
        for post in drive.posts {
            let fixes = try post.map { try Samples.fix(at: $0.at, speed: $0.speed) }
            let now = Samples.time(post.map(\.at).max() ?? 0)
            _ = bench.state.timePassed(now: now)
            bench.post(fixes, at: now)
        }
        let now = Samples.time(drive.reload)
        _ = bench.state.timePassed(now: now)
        #expect(bench.state.vehicles[try Samples.vehicle()]?.state == drive.state)
        #expect(lines(try bench.reloaded(at: now)) == lines(bench.state))
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func reloadedTracker_showsTheSame_afterRandomPosts(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var bench = try Bench()
        var seen: Set<VehicleState> = []
        var second = 0.0
        var older = bench.state
        for _ in 0..<600 {
            second += [0.3, 1, 4, 9, 40, 310][Int.random(in: 0..<6, using: &generator)]
            let now = Samples.time(second)
            let known = Bool.random(using: &generator) ? bench.state : older
            older = bench.state
            bench.post(try randomFixes(around: second, &generator), at: now, known: known)
            let later = second + [0, 2, 9.9, 10, 30, 299, 300][Int.random(in: 0..<7, using: &generator)]
            var before = bench.state
            _ = before.timePassed(now: Samples.time(later))
            var reloaded = try bench.reloaded(at: Samples.time(later))
            #expect(lines(reloaded) == lines(before))
            #expect(reloaded.counts == before.counts)
            seen.formUnion(before.vehicles.values.map(\.state))
            // Later events are the same too. Sometimes the reloaded tracker continues.
            _ = reloaded.timePassed(now: Samples.time(later + 10))
            _ = before.timePassed(now: Samples.time(later + 10))
            #expect(lines(reloaded) == lines(before))
            if Bool.random(using: &generator) {
                bench.state = try bench.reloaded(at: now)
            }
        }
        #expect(seen.count == 3)
    }

    /// Makes fixes of few vehicles. Some come late, some twice, and some have no speed.
    private func randomFixes(
        around second: Double, _ generator: inout SeededGenerator
    ) throws -> [StoredFix] {
        try (0..<Int.random(in: 1...6, using: &generator)).map { _ in
            try Samples.fix(
                "v\(Int.random(in: 0..<3, using: &generator))",
                at: second + [-12, -3, -2, -1, 0, 0][Int.random(in: 0..<6, using: &generator)],
                lat: 53.5 + Double(Int.random(in: 0..<5, using: &generator)) * 0.000_01,
                speed: [nil, 0, 0.3, 0.5, 0.7, 0.7, 1, 9][Int.random(in: 0..<8, using: &generator)])
        }
    }
}
