import FleetWire
import HarborFleetTesting
import Testing

@testable import HarborFleet

@Suite struct TrackerStateTests {
    private func makeState() throws -> TrackerState {
        TrackerState(
            fleetID: try Samples.fleet(), epoch: "e1", generation: 1, rules: MotionRules(), now: Samples.now)
    }

    /// Speeds at seconds, and the state after the last one.
    struct Drive: Sendable, CustomTestStringConvertible {
        var fixes: [(at: Double, speed: Double)]
        var state: VehicleState
        var testDescription: String { "\(fixes) is \(state)" }
    }

    @Test(arguments: [
        Drive(fixes: [(0, 0)], state: .idle), Drive(fixes: [(0, 0.99)], state: .idle),
        Drive(fixes: [(0, 1)], state: .moving), Drive(fixes: [(0, 0), (1, 1)], state: .moving),
        Drive(fixes: [(0, 0), (1, 0.9)], state: .idle), Drive(fixes: [(0, 5), (1, 0.9)], state: .moving),
        Drive(fixes: [(0, 5), (60, 0.5)], state: .moving), Drive(fixes: [(0, 5), (1, 0.4)], state: .moving),
        Drive(fixes: [(0, 5), (1, 0.4), (10.9, 0.4)], state: .moving),
        Drive(fixes: [(0, 5), (1, 0.4), (11, 0.4)], state: .idle),
        Drive(fixes: [(0, 5), (1, 0.4), (6, 0.6), (12, 0.4)], state: .moving),
        Drive(fixes: [(0, 5), (1, 0.4), (11, 0.4), (12, 0.9)], state: .idle),
        Drive(fixes: [(0, 5), (1, 0.4), (11, 0.4), (12, 1)], state: .moving),
    ])
    func fixesReceived_decidesTheState_bySpeedAndTime(drive: Drive) throws {
        var state = try makeState()
        for (seconds, speed) in drive.fixes {
            _ = state.fixesReceived([try Samples.fix(at: seconds, speed: speed)], now: Samples.time(seconds))
        }
        #expect(state.vehicles[try Samples.vehicle()]?.state == drive.state)
        #expect(state.counts[state: drive.state] == 1)
        var reloaded = try makeState()
        let end = Samples.time(try #require(drive.fixes.last).at)
        reloaded.rowsLoaded(state.vehicles.values.map(\.newest), now: end)
        #expect(reloaded.counts == state.counts)
    }

    @Test func fixesReceived_makesOneEventPerNewerFix_withRisingSeq() throws {
        var state = try makeState()
        let events = state.fixesReceived(
            [
                try Samples.fix("a", at: 1), try Samples.fix("b", at: 1), try Samples.fix("a", at: 2),
                try Samples.fix("a", at: 1.5), try Samples.fix("a", at: 2),
            ], now: Samples.time(3))
        #expect(events.map(\.seq) == [1, 2, 3])
        #expect(events.map { $0.vehicleID?.rawValue } == ["a", "b", "a"])
        #expect(state.snapshot.seq == 3 && state.snapshot.asOf == Samples.time(3))
    }

    @Test func fixesReceived_neverMovesAVehicleBack() throws {
        var state = try makeState()
        _ = state.fixesReceived([try Samples.fix(at: 10, lat: 1)], now: Samples.time(10))
        let before = state.snapshot
        #expect(state.fixesReceived([try Samples.fix(at: 9, lat: 2)], now: Samples.time(11)).isEmpty)
        #expect(state.snapshot.encodeStatus() == before.encodeStatus())
    }

    @Test func timePassed_handlesALimitedNumberOfVehiclesAtATime() throws {
        var state = try makeState()
        _ = state.fixesReceived(try (0..<5).map { try Samples.fix("v\($0)", speed: 9) }, now: Samples.now)
        var turned: [Int] = []
        while let next = state.nextDeadline, next <= Samples.time(300) {
            turned.append(state.timePassed(now: Samples.time(300), limit: 2).count)
        }
        #expect(turned == [2, 2, 1])
        #expect(state.counts == StateCounts(offline: 5))
    }

    @Test func timePassed_turnsAVehicleOffline_byTheTimeOfReceipt() throws {
        var state = try makeState()
        _ = state.fixesReceived([try Samples.fix(at: -500, speed: 9, received: 0)], now: Samples.now)
        #expect(state.nextDeadline == Samples.time(300))
        #expect(state.timePassed(now: Samples.time(299.999)).isEmpty)
        let events = state.timePassed(now: Samples.time(300))
        #expect(
            events.map { String(decoding: $0.json, as: UTF8.self) }
                == [#"{"type":"state","seq":2,"vehicle_id":"van-7","state":"offline"}"#])
        #expect(state.counts == StateCounts(offline: 1))
        #expect(state.nextDeadline == nil)
        _ = state.fixesReceived([try Samples.fix(at: 400, speed: 9)], now: Samples.time(400))
        #expect(state.counts == StateCounts(moving: 1))
        #expect(state.nextDeadline == Samples.time(700))
    }

    @Test func timePassed_startsItsTimeAgain_afterEachFix() throws {
        var state = try makeState()
        for second in 0..<400 {
            _ = state.fixesReceived(
                [try Samples.fix(at: Double(second), speed: 9)], now: Samples.time(Double(second)))
        }
        #expect(state.timePassed(now: Samples.time(400)).isEmpty)
        #expect(state.nextDeadline == Samples.time(699))
    }

    @Test func timePassed_turnsASlowVehicleIdle_withoutAnotherFix() throws {
        var state = try makeState()
        _ = state.fixesReceived(
            [try Samples.fix(at: 0, speed: 9), try Samples.fix(at: 1, speed: 0)], now: Samples.time(1))
        #expect(state.timePassed(now: Samples.time(10.9)).isEmpty)
        #expect(state.timePassed(now: Samples.time(11)).map(\.seq) == [3])
        #expect(state.counts == StateCounts(idle: 1))
    }

    @Test func fixesReceived_derivesASpeed_andDoesNotShowIt() throws {
        var state = try makeState()
        // 0.0001 degrees of latitude are 11.1 m.
        let events = state.fixesReceived(
            [try Samples.fix(at: 0, lat: 53.5), try Samples.fix(at: 5, lat: 53.5001)], now: Samples.time(5))
        let status = try #require(state.vehicles[try Samples.vehicle()])
        let speed = try #require(status.newest.derivedSpeedMetersPerSecond)
        #expect(abs(speed - 2.224) < 0.001)
        #expect(status.state == .moving)
        #expect(!String(decoding: events[1].json, as: UTF8.self).contains("speed"))
    }

    @Test func rowsLoaded_givesTheSameStateAsTheOneStored() throws {
        var state = try makeState()
        _ = state.fixesReceived(
            [
                try Samples.fix("a", at: 0), try Samples.fix("a", at: 5, lat: 53.6),
                try Samples.fix("b", speed: 0.2),
            ],
            now: Samples.time(5))
        var reloaded = try makeState()
        reloaded.rowsLoaded(state.vehicles.values.map(\.newest), now: Samples.time(5))
        #expect(reloaded.counts == state.counts)
        #expect(
            reloaded.snapshot.sortedVehicles.map(\.fragment) == state.snapshot.sortedVehicles.map(\.fragment))
        #expect(reloaded.seq == 0)
    }

    @Test func rowsLoaded_isOffline_whenTheRowsAreOld() throws {
        var state = try makeState()
        state.rowsLoaded([try Samples.fix(at: -300, speed: 20)], now: Samples.now)
        #expect(state.counts == StateCounts(offline: 1))
    }

    @Test func rowsMerged_isIdempotentAndMovesForwardOnly() throws {
        var state = try makeState()
        _ = state.fixesReceived(
            [try Samples.fix("a", at: 5), try Samples.fix("b", at: 5)], now: Samples.time(5))
        let rows = [
            try Samples.fix("a", at: 4, lat: 1), try Samples.fix("b", at: 6), try Samples.fix("c", at: 1),
        ]
        let events = state.rowsMerged(rows, cutoff: Samples.now, now: Samples.time(7))
        #expect(events.map { $0.vehicleID?.rawValue } == ["b", "c"])
        #expect(state.rowsMerged(rows, cutoff: Samples.now, now: Samples.time(8)).isEmpty)
        #expect(state.seq == 4)
    }

    @Test func rowsMerged_takesTheContentOfTheStore() throws {
        var state = try makeState()
        _ = state.fixesReceived([try Samples.fix(at: 5, lat: 1)], now: Samples.time(5))
        let row = try Samples.fix(at: 5, lat: 2)
        #expect(state.rowsMerged([row], cutoff: Samples.now, now: Samples.time(6)).count == 1)
        #expect(state.vehicles[try Samples.vehicle()]?.newest.fix.latitudeDegrees == 2)
        #expect(state.rowsMerged([row], cutoff: Samples.now, now: Samples.time(7)).isEmpty)
    }

    @Test func rowsMerged_removesAVehicle_onlyWhenItsRowCannotBeOnTheWay() throws {
        var state = try makeState()
        _ = state.fixesReceived(
            [try Samples.fix("a", at: 0), try Samples.fix("b", at: 50)], now: Samples.time(50))
        let events = state.rowsMerged([], cutoff: Samples.time(40), now: Samples.time(55))
        #expect(
            events.map { String(decoding: $0.json, as: UTF8.self) }
                == [#"{"type":"removed","seq":3,"vehicle_id":"a"}"#])
        #expect(state.counts.idle == 1 && state.vehicles.count == 1)
        #expect(state.timePassed(now: Samples.time(300)).isEmpty)
    }

    @Test func counts_addUp_afterRandomEvents() throws {
        var state = try makeState()
        var generator = SeededGenerator(seed: 5)
        var last: UInt64 = 0
        for step in 0..<5000 {
            let now = Samples.time(Double(step))
            let fix = try Samples.fix(
                "v\(Int.random(in: 0..<40, using: &generator))",
                at: Double(step - Int.random(in: 0..<30, using: &generator)),
                speed: [0, 0.4, 0.7, 1, 9][Int.random(in: 0..<5, using: &generator)], received: Double(step))
            let rare = Int.random(in: 0..<100, using: &generator)
            var events = rare < 60 ? state.fixesReceived([fix], now: now) : []
            if rare > 97 { events += state.timePassed(now: now.advanced(by: .seconds(280))) }
            if rare == 97 {
                events += state.rowsMerged([fix], cutoff: now.advanced(by: .seconds(-100)), now: now)
            }
            for event in events {
                last += 1
                #expect(event.seq == last)
            }
            for kind in VehicleState.allCases {
                #expect(state.counts[state: kind] == state.vehicles.values.count { $0.state == kind })
            }
        }
        #expect(last > 1000)
    }
}
