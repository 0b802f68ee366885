import HarborFleetTesting
import Supervision
import Testing

@testable import HarborFleet

@Suite(.timeLimit(.minutes(1))) struct DeadlineWatchTests {
    @Test func state_sleepsForTheDeadline_andWithoutEndWhenThereIsNone() {
        var state = DeadlineWatchState()
        #expect(state.looked(now: Samples.time(0)) == .sleep(nil))
        let first = state.deadlineSet(Samples.time(7), now: Samples.time(0))
        #expect(first, "it sleeps without a deadline")
        #expect(state.looked(now: Samples.time(3)) == .sleep(.seconds(4)))
        #expect(state.looked(now: Samples.time(7)) == .tell)
        let none = state.deadlineSet(nil, now: Samples.time(7))
        #expect(!none)
        #expect(state.looked(now: Samples.time(8)) == .sleep(nil))
    }

    @Test func state_wakesOnce_forAnEarlierDeadline() {
        var state = DeadlineWatchState()
        let unheard = state.deadlineSet(Samples.time(10), now: Samples.time(0))
        #expect(!unheard, "no task sleeps yet")
        #expect(state.looked(now: Samples.time(0)) == .sleep(.seconds(10)))
        let wakes = [10, 11, 12, 9, 8].map { second in
            state.deadlineSet(Samples.time(second), now: Samples.time(1))
        }
        #expect(wakes == [false, false, false, true, false])
        #expect(state.looked(now: Samples.time(1)) == .sleep(.seconds(7)))
    }

    @Test func state_wakes_whenTheTimeOfDayJumpsPastTheDeadline() {
        var state = DeadlineWatchState()
        _ = state.deadlineSet(Samples.time(10), now: Samples.time(0))
        #expect(state.looked(now: Samples.time(0)) == .sleep(.seconds(10)))
        let wakes = state.deadlineSet(Samples.time(10), now: Samples.time(3_600))
        #expect(wakes)
        #expect(state.looked(now: Samples.time(3_600)) == .tell)
    }

    @Test func tracker_sleepsUntilItsDeadline_andNotAtAllWithoutOne() async throws {
        try await FleetFixture.run { fixture, id in
            try await fixture.ingest([try Samples.fix(at: 0, speed: 9)], into: id)
            await fixture.waitForSeq(1, of: id)
            await fixture.pass(.seconds(300), untilSeq: 2, of: id)
            #expect(fixture.fleets.snapshot(of: id)?.counts == StateCounts(offline: 1))
            // The watch pauses after it has looked.
            await fixture.waitForDeadline(in: .seconds(1))
            fixture.advance(by: .seconds(1))
            await fixture.clock.waitForNoSleeper()
            // The watch still hears of the next deadline.
            try await fixture.ingest([try Samples.fix(at: 301, speed: 9)], into: id)
            await fixture.waitForDeadline(in: .seconds(300))
        }
    }

    @Test func tracker_turnsAllVehiclesOfflineInSlices_atOneDeadline() async throws {
        let id = try Samples.fleet()
        var tracker = TrackerConfiguration()
        tracker.slice = 2
        let fixture = FleetFixture(fleets: [id], configuration: FleetConfiguration(tracker: tracker))
        try await fixture.run {
            try await fixture.ingest(try (0..<5).map { try Samples.fix("v\($0)", at: 0, speed: 9) }, into: id)
            await fixture.waitForSeq(5, of: id)
            await fixture.pass(.seconds(300), untilSeq: 10, of: id)
            #expect(fixture.fleets.snapshot(of: id)?.counts == StateCounts(offline: 5))
        }
    }

    @Test func tracker_wakes_whenADeadlineMovesEarlier() async throws {
        try await FleetFixture.run { fixture, id in
            try await fixture.ingest([try Samples.fix(at: 0, speed: 9)], into: id)
            await fixture.waitForSeq(1, of: id)
            await fixture.waitForDeadline(in: .seconds(300))
            // The vehicle turns idle in ten seconds unless another fix comes.
            try await fixture.ingest([try Samples.fix(at: 1, speed: 0.1, received: 1)], into: id)
            await fixture.pass(.seconds(11), untilSeq: 3, of: id)
            #expect(fixture.fleets.snapshot(of: id)?.counts == StateCounts(idle: 1))
        }
    }

    @Test func reconciler_sleepsUntilItsRound_andWakesWithinASecondOfAMiss() async throws {
        try await FleetFixture.run { fixture, id in
            try await fixture.ingest([try Samples.fix("a", at: 0, received: -1_000)], into: id)
            await fixture.waitForSeq(1, of: id)
            let supervisor = Supervisor(
                name: "test", strategy: .oneForOne, children: [fixture.fleets.reconcilerSpec],
                clock: fixture.clock)
            let run = Task { try await supervisor.run() }
            await fixture.waitForDeadline(in: .seconds(30))
            fixture.fixes.insert([try Samples.fix("a", at: 2)], into: id)
            fixture.fleets.noteMiss(of: id)
            await fixture.pass(.seconds(1), untilSeq: 2, of: id)
            // The round still comes at its own time.
            fixture.fixes.insert([try Samples.fix("a", at: 3)], into: id)
            await fixture.pass(.seconds(29), untilSeq: 3, of: id)
            run.cancel()
            try await run.value
        }
    }
}
