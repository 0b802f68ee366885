import HarborFleetTesting
import Supervision

/// The events of a supervisor as short lines like `a started`.
typealias Happenings = EventRecorder<String>

extension EventRecorder where Event == String {
    /// An observer that records the events as lines.
    var observer: SupervisionObserver { { event in self.record("\(event.child) \(event.kind.word)") } }
}

extension SupervisionEvent.Kind {
    var word: String {
        switch self {
        case .started: "started"
        case .ready: "ready"
        case .ended: "ended"
        case .failed: "failed"
        case .restarting: "restarting"
        case .abandoned: "abandoned"
        case .quarantined(let coolDown): "quarantined \(coolDown.components.seconds) s"
        case .released: "released"
        }
    }
}

extension Task where Success == SupervisorError?, Failure == Never {
    /// Runs a supervisor. The value of the task is the error that it threw.
    static func running(_ supervisor: Supervisor) -> Task<SupervisorError?, Never> {
        Task {
            do throws(SupervisorError) {
                try await supervisor.run()
                return nil
            } catch {
                return error
            }
        }
    }

    /// Runs a dynamic supervisor, and returns once it accepts children.
    static func running(_ supervisor: DynamicSupervisor) async -> Task<SupervisorError?, Never> {
        let ready = EventRecorder<Bool>()
        let task = Task {
            do throws(SupervisorError) {
                try await supervisor.run { ready.record(true) }
                return nil
            } catch {
                return error
            }
        }
        await ready.wait(for: true)
        return task
    }

    /// Cancels the supervisor and waits for its end.
    func stop() async -> SupervisorError? {
        cancel()
        return await value
    }
}
