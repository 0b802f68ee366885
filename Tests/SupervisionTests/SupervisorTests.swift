import HarborFleetTesting
import Supervision
import Testing

@Suite(.timeLimit(.minutes(1))) struct SupervisorTests {
    let happenings = Happenings()
    let clock = ManualClock()

    func supervisor(
        _ strategy: Supervisor.Strategy, _ children: [ChildSpec],
        intensity: RestartIntensity = RestartIntensity()
    ) -> Supervisor {
        Supervisor(
            name: "top", strategy: strategy, intensity: intensity, children: children, clock: clock,
            observer: happenings.observer)
    }

    /// Runs three children under a strategy and lets `b` fail once. Returns the later events.
    func eventsAfterFailureOfMiddle(_ strategy: Supervisor.Strategy, last: String) async -> [String] {
        let b = ScriptedChild("b", .runs)
        let children = [ScriptedChild("a", .runs).spec(), b.spec(), ScriptedChild("c", .runs).spec()]
        let run = Task.running(supervisor(strategy, children))
        await happenings.wait(for: "c ready")
        let before = happenings.events.count
        b.fail()
        await happenings.wait { $0.dropFirst(before).contains(last) }
        let events = Array(happenings.events.dropFirst(before))
        #expect(await run.stop() == nil)
        return events
    }

    @Test func child_starts_onlyAfterTheOneBeforeIsReady() async {
        let slow = ScriptedChild("slow", .startsWhenTold)
        let next = ScriptedChild("next", .runs)
        let run = Task.running(supervisor(.oneForOne, [slow.spec(), next.spec()]))
        await happenings.wait(for: "slow started")
        await slow.waitForStarts(1)
        #expect(next.starts == 0)
        slow.becomeReady()
        await happenings.wait(for: "next ready")
        #expect(happenings.events == ["slow started", "slow ready", "next started", "next ready"])
        #expect(await run.stop() == nil)
    }

    @Test func children_stopInReverseOrder_whenTheTaskIsCancelled() async {
        let children = ["a", "b", "c"].map { ScriptedChild($0, .runs).spec() }
        let run = Task.running(supervisor(.oneForOne, children))
        await happenings.wait(for: "c ready")
        #expect(await run.stop() == nil)
        #expect(happenings.events.suffix(3) == ["c ended", "b ended", "a ended"])
    }

    @Test func nextChild_starts_whenTheOneBeforeReturnsBeforeItIsReady() async {
        let children = [
            ScriptedChild("job", .returnsAtOnce).spec(restart: .transient),
            ScriptedChild("b", .runs).spec(),
        ]
        let run = Task.running(supervisor(.oneForOne, children))
        await happenings.wait(for: "b ready")
        #expect(happenings.events == ["job started", "job ended", "b started", "b ready"])
        #expect(await run.stop() == nil)
    }

    @Test func supervisor_endsAndStopsItsChildren_whenAFirstStartFails() async {
        let never = ScriptedChild("never", .runs)
        let children = [
            ScriptedChild("a", .runs).spec(), ScriptedChild("bad", .failsOnStart).spec(), never.spec(),
        ]
        let error = await Task.running(supervisor(.oneForOne, children)).value
        #expect(error == .childFailedToStart(child: "bad", reason: "bad fails on start"))
        #expect(happenings.events == ["a started", "a ready", "bad started", "bad failed", "a ended"])
        #expect(never.starts == 0)
    }

    @Test func oneForOne_restartsOnlyTheFailedChild() async {
        let events = await eventsAfterFailureOfMiddle(.oneForOne, last: "b ready")
        #expect(events == ["b failed", "b restarting", "b ready"])
    }

    @Test func restForOne_restartsTheFailedChildAndLaterOnesInOrder() async {
        let events = await eventsAfterFailureOfMiddle(.restForOne, last: "c ready")
        #expect(events == ["b failed", "c ended", "b restarting", "b ready", "c restarting", "c ready"])
    }

    @Test func supervisor_ends_withOneRestartTooManyInTheWindow() async {
        let bad = ScriptedChild("bad", .runs, .failsOnStart)
        let calm = ScriptedChild("calm", .runs)
        let run = Task.running(supervisor(.oneForOne, [calm.spec(), bad.spec()]))
        await happenings.wait(for: "bad ready")
        bad.fail()
        #expect(await run.value == .tooManyRestarts(child: "bad", reason: "bad fails on start"))
        #expect(bad.starts == 4)
        #expect(calm.starts == 1)
        #expect(happenings.events.last == "calm ended")
    }

    @Test func restarts_doNotCount_onceTheyHaveLeftTheWindow() async {
        let child = ScriptedChild("child", .runs)
        let intensity = RestartIntensity(maxRestarts: 1, within: .seconds(5))
        let run = Task.running(supervisor(.oneForOne, [child.spec()], intensity: intensity))
        for round in 1...5 {
            await happenings.wait(for: "child ready", count: round)
            clock.advance(by: .milliseconds(5001))
            child.fail()
        }
        await happenings.wait(for: "child ready", count: 6)
        #expect(child.starts == 6)
        #expect(child.beginnings.map(\.restarts) == [0, 1, 2, 3, 4, 5])
        #expect(await run.stop() == nil)
    }

    @Test func child_isNamedAndAbandoned_whenItIgnoresCancellation() async {
        let deaf = ScriptedChild("deaf", .ignoresCancellation)
        let run = Task.running(
            supervisor(
                .oneForOne, [ScriptedChild("a", .runs).spec(), deaf.spec(shutdown: .seconds(2))]))
        await happenings.wait(for: "deaf ready")
        run.cancel()
        await clock.waitForSleepers(1)
        #expect(!happenings.events.contains("a ended"))
        clock.advance(by: .seconds(2))
        #expect(await run.value == nil)
        #expect(happenings.events.suffix(2) == ["deaf abandoned", "a ended"])
        deaf.letGo()
    }

    @Test(arguments: [
        (ChildSpec.Restart.permanent, true), (.transient, false),
    ])
    func restartRule_decidesWhatAnEndMeans(
        _ restart: ChildSpec.Restart, _ afterReturn: Bool
    ) async {
        for (fails, isRestarted) in [(true, true), (false, afterReturn)] {
            let happenings = Happenings()
            let child = ScriptedChild("child", .runs)
            let top = Supervisor(
                name: "top", strategy: .restForOne, children: [child.spec(restart: restart)], clock: clock,
                observer: happenings.observer)
            let run = Task.running(top)
            await happenings.wait(for: "child ready")
            if fails { child.fail() } else { child.finish() }
            await happenings.wait { $0.count > 2 }
            if isRestarted { await happenings.wait(for: "child ready", count: 2) }
            #expect(await run.stop() == nil)
            #expect(child.starts == (isRestarted ? 2 : 1))
        }
    }

    @Test func secondRun_isRefused_andALaterOneStartsAgain() async throws {
        let child = ScriptedChild("child", .runs)
        let top = supervisor(.oneForOne, [child.spec()])
        let run = Task.running(top)
        await happenings.wait(for: "child ready")
        await #expect(throws: SupervisorError.alreadyRunning) { try await top.run() }
        #expect(await run.stop() == nil)
        let again = Task.running(top)
        await happenings.wait(for: "child ready", count: 2)
        #expect(await again.stop() == nil)
        #expect(child.beginnings.map(\.generation) == [1, 2])
    }
}
