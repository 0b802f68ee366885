/// One child as its supervisor's state knows it.
struct SupervisedChild: Sendable {
    let spec: ChildSpec
    private(set) var phase = SupervisionNode.State.waiting
    private(set) var generation: UInt64 = 0
    private(set) var starts = 0
    private(set) var startedAt: ContinuousClock.Instant?
    private(set) var lastFailure: String?

    init(_ spec: ChildSpec) { self.spec = spec }

    var restarts: Int { max(starts - 1, 0) }

    /// Whether its task may be there.
    var isAlive: Bool { phase == .starting || phase == .running || phase == .stopping }

    /// Whether this start is the one that counts.
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

    /// It is gone, or its supervisor has stopped waiting for it.
    mutating func left(to next: SupervisionNode.State) {
        phase = next
        startedAt = nil
    }

    /// What the observer is told of an end that the supervisor did not ask for.
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

    /// Whether such an end asks for a restart.
    func isRestarted(after ending: ChildEnding) -> Bool {
        switch spec.restart {
        case .permanent: true
        case .transient: ending != .returned
        }
    }

    /// Its node. Calls `inspect`: not for use under a lock.
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
