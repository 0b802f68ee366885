import HarborFleetTesting
import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1))) struct SupervisionTreeTests {
    @Test func tree_showsStatesRestartsUptimeAndMailboxes() async {
        let (clock, happenings) = (ManualClock(), Happenings())
        let mailbox = Mailbox<Int>(capacity: 4)
        #expect(mailbox.send(1))
        let inspected = ChildSpec(
            id: "inspected", inspect: { ChildInspection(mailboxLength: mailbox.count) },
            run: { context in
                context.ready()
                await ManualClock().waitForCancellation()
            })
        let worker = ScriptedChild("worker", .runs)
        let inner = Supervisor(
            name: "inner", strategy: .oneForOne, children: [worker.spec(), inspected], clock: clock,
            observer: happenings.observer)
        let top = Supervisor(
            name: "top", strategy: .restForOne, children: [inner.childSpec], clock: clock,
            observer: happenings.observer)
        #expect(top.tree.state == .waiting)
        let run = Task.running(top)
        await happenings.wait(for: "inner ready")
        clock.advance(by: .seconds(3))
        worker.fail()
        await happenings.wait(for: "worker ready", count: 2)
        clock.advance(by: .seconds(4))

        let tree = top.tree
        #expect(tree.kind == .supervisor && tree.state == .running && tree.uptime == .seconds(7))
        let innerNode = tree.children.first
        #expect(innerNode?.name == "inner" && innerNode?.kind == .supervisor)
        #expect(
            innerNode?.children == [
                SupervisionNode(
                    name: "worker", kind: .worker, state: .running, restarts: 1, uptime: .seconds(4),
                    lastFailure: "worker fails"),
                SupervisionNode(
                    name: "inspected", kind: .worker, state: .running, uptime: .seconds(7),
                    mailboxLength: 1),
            ])
        #expect(await run.stop() == nil)
        #expect(top.tree.state == .finished)
    }

    @Test func innerSupervisor_isRestartedByTheOuterOne_whenItGivesUp() async {
        let happenings = Happenings()
        let worker = ScriptedChild("worker", .runs)
        let inner = Supervisor(
            name: "inner", strategy: .oneForOne, intensity: RestartIntensity(maxRestarts: 0),
            children: [worker.spec()], observer: happenings.observer)
        let top = Supervisor(
            name: "top", strategy: .oneForOne, children: [inner.childSpec], observer: happenings.observer)
        let run = Task.running(top)
        await happenings.wait(for: "inner ready")
        worker.fail()
        await happenings.wait(for: "inner ready", count: 2)
        #expect(happenings.events.contains("inner failed"))
        #expect(worker.starts == 2)
        #expect(await run.stop() == nil)
    }
}

extension ManualClock {
    /// Waits until the task is cancelled.
    fileprivate func waitForCancellation() async {
        do { try await sleep(until: now().advanced(by: .seconds(1))) } catch {}
    }
}
