/// The state of one child, as part of its supervisor's state.
struct SupervisedChild: Sendable {
    let spec: ChildSpec
    private(set) var phase = SupervisionNode.State.waiting
    private(set) var generation: UInt64 = 0
    private(set) var starts = 0
    private(set) var startedAt: ContinuousClock.Instant?
    private(set) var lastFailure: String?

    init(_ spec: ChildSpec) { self.spec = spec }

    var restarts: Int { max(starts - 1, 0) }

    /// Whether its task may exist.
    var isAlive: Bool { phase == .starting || phase == .running || phase == .stopping }

    /// Whether `generation` is that of the current start, and the task may exist.
    func isCurrent(_ generation: UInt64) -> Bool { self.generation == generation && isAlive }

    mutating func started(_ generation: UInt64, at now: ContinuousClock.Instant) -> [SupervisionAction] {
        phase = .starting
        starts += 1
        self.generation = generation
        startedAt = now
        let begin = SupervisionAction.start(spec, generation: generation, restarts: restarts)
        let event: SupervisionEvent.Kind = restarts == 0 ? .started : .restarting
        return [.notify(child: spec.id, event), begin]
    }

    mutating func becameReady() -> [SupervisionAction] {
        phase = .running
        return [.notify(child: spec.id, .ready)]
    }

    mutating func stopWanted() -> [SupervisionAction] {
        phase = .stopping
        return [.cancel(child: spec.id, generation: generation, shutdown: spec.shutdown)]
    }

    /// Its task has ended, or its supervisor no longer waits for it.
    mutating func left(to next: SupervisionNode.State) {
        phase = next
        startedAt = nil
    }

    /// The child has ended although its supervisor did not ask for it. Returns the report to the observer.
    mutating func endedByItself(_ ending: ChildEnding) -> [SupervisionAction] {
        let reason: String
        switch ending {
        case .returned where spec.restart == .permanent: reason = "returned"
        case .returned: return [.forget(generation: generation), .notify(child: spec.id, .ended)]
        case .threw(let error): reason = error
        }
        lastFailure = reason
        return [.forget(generation: generation), .notify(child: spec.id, .failed(reason: reason))]
    }

    /// Whether the child must be restarted after this ending.
    func isRestarted(after ending: ChildEnding) -> Bool {
        switch spec.restart {
        case .permanent: true
        case .transient: ending != .returned
        }
    }

    /// Its node in the tree. Calls `inspect`, so it must not be called under a lock.
    func node(at now: ContinuousClock.Instant) -> SupervisionNode {
        let inspection = spec.inspect?()
        return SupervisionNode(
            name: spec.id, kind: inspection?.node?.kind ?? .worker, state: phase, restarts: restarts,
            uptime: startedAt.map { $0.duration(to: now) }, mailboxLength: inspection?.mailboxLength,
            lastFailure: lastFailure, children: inspection?.node?.children ?? [])
    }
}

/// How a child's task ended.
enum ChildEnding: Sendable, Equatable {
    case returned
    case threw(String)
}
