import HarborFleetTesting
import Supervision
import Testing

@Suite(.timeLimit(.minutes(1))) struct DynamicSupervisorTests {
    let happenings = Happenings()
    let clock = ManualClock()
    let trackers: DynamicSupervisor

    init() {
        trackers = DynamicSupervisor(
            name: "trackers", intensity: RestartIntensity(maxRestarts: 1, within: .seconds(5)),
            clock: clock, observer: happenings.observer)
    }

    /// Starts a child without waiting for it.
    private func start(_ child: ScriptedChild) {
        let (trackers, spec) = (trackers, child.spec())
        Task { try? await trackers.ensureReady(spec) }
    }

    @Test func child_isQuarantinedAlone_whenItFailsTooOften() async throws {
        let run = await Task.running(trackers)
        let (good, bad) = (ScriptedChild("good", .runs), ScriptedChild("bad", .failsOnStart))
        try await trackers.ensureReady(good.spec())
        start(bad)
        await happenings.wait(for: "bad quarantined 60 s")
        #expect(bad.starts == 2)
        #expect(good.starts == 1)
        #expect(trackers.quarantined == ["bad"])
        #expect(trackers.tree.children.map(\.state) == [.quarantined, .running])
        clock.advance(by: .seconds(20))
        await #expect(throws: SupervisorError.quarantined(child: "bad", remaining: .seconds(40))) {
            try await trackers.ensureReady(bad.spec())
        }
        #expect(await run.stop() == nil)
        #expect(happenings.events.last == "good ended")
    }

    @Test func coolDown_doublesUpToItsMaximum_andStartsAgainAfterALongLife()
        async throws
    {
        let run = await Task.running(trackers)
        let bad = ScriptedChild(
            "bad", .failsOnStart, .failsOnStart, .failsOnStart, .failsOnStart, .runs, .failsOnStart)
        start(bad)
        await happenings.wait(for: "bad quarantined 60 s")
        await clock.waitForSleepers(1)
        clock.advance(by: .milliseconds(59_999))
        #expect(trackers.quarantined == ["bad"])
        clock.advance(by: .milliseconds(1))
        await happenings.wait(for: "bad quarantined 120 s")
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(120))
        await happenings.wait(for: "bad ready")
        #expect(trackers.quarantined == [])
        clock.advance(by: .seconds(120))
        bad.fail()
        await happenings.wait(for: "bad quarantined 60 s", count: 2)
        for coolDown in [60, 120, 240, 480, 600] {
            await happenings.wait { $0.last == "bad quarantined \(coolDown) s" }
            await clock.waitForSleepers(1)
            clock.advance(by: .seconds(coolDown))
        }
        await happenings.wait(for: "bad quarantined 600 s", count: 2)
        #expect(await run.stop() == nil)
    }

    @Test func callers_shareOneStart_andWaitForReadiness() async throws {
        let run = await Task.running(trackers)
        let child = ScriptedChild("child", .failsOnStart, .startsWhenTold)
        let (trackers, spec) = (trackers, child.spec())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { try await trackers.ensureReady(spec) } }
            await happenings.wait(for: "child restarting")
            await child.waitForStarts(2)
            child.becomeReady()
            try await group.waitForAll()
        }
        try await trackers.ensureReady(spec)
        #expect(child.starts == 2)
        #expect(await run.stop() == nil)
    }

    @Test func ensureReady_ends_withAQuarantineAnEndOrACancellation() async throws {
        let run = await Task.running(trackers)
        let (trackers, bad) = (trackers, ScriptedChild("bad", .failsOnStart).spec())
        await #expect(throws: SupervisorError.quarantined(child: "bad", remaining: .seconds(60))) {
            try await trackers.ensureReady(bad)
        }
        let job = ScriptedChild("job", .returnsAtOnce).spec(restart: .transient)
        await #expect(throws: SupervisorError.childEnded(child: "job")) {
            try await trackers.ensureReady(job)
        }
        let slow = ScriptedChild("slow", .startsWhenTold).spec()
        let waiting = Task { try await trackers.ensureReady(slow) }
        await happenings.wait(for: "slow started")
        waiting.cancel()
        await #expect(throws: SupervisorError.cancelled) { try await waiting.value }
        #expect(await run.stop() == nil)
    }

    @Test func stoppedChild_hasEnded_andCanStartAgain() async throws {
        let run = await Task.running(trackers)
        let child = ScriptedChild("child", .runs)
        try await trackers.ensureReady(child.spec())
        await trackers.stop(id: "child")
        #expect(trackers.tree.children == [])
        try await trackers.ensureReady(child.spec())
        #expect(child.starts == 2)
        await trackers.stop(id: "unknown")
        #expect(await run.stop() == nil)
    }

    @Test func child_isAbandoned_whenItIgnoresCancellation() async throws {
        let run = await Task.running(trackers)
        let deaf = ScriptedChild("deaf", .ignoresCancellation, .runs)
        try await trackers.ensureReady(deaf.spec(shutdown: .seconds(1)))
        let (trackers, clock) = (trackers, clock)
        async let stopped: Void = trackers.stop(id: "deaf")
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(1))
        await stopped
        #expect(happenings.events.last == "deaf abandoned")
        try await trackers.ensureReady(deaf.spec())
        deaf.letGo()
        #expect(trackers.tree.children.map(\.state) == [.running])
        #expect(await run.stop() == nil)
        #expect(happenings.events.count { $0 == "deaf ended" } == 1)
    }

    @Test func children_areRefused_whileTheSupervisorDoesNotRun()
        async throws
    {
        let child = ScriptedChild("child", .failsOnStart)
        await #expect(throws: SupervisorError.notRunning) { try await trackers.ensureReady(child.spec()) }
        let run = await Task.running(trackers)
        start(child)
        await happenings.wait(for: "child quarantined 60 s")
        #expect(await run.stop() == nil)
        await #expect(throws: SupervisorError.notRunning) { try await trackers.ensureReady(child.spec()) }
        #expect(trackers.quarantined == [])
    }
}
