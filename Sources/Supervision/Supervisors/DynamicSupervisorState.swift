/// The decisions of a supervisor with a changing set of children.
struct DynamicSupervisorState: SupervisingState {
    private struct Member {
        var child: SupervisedChild
        var intensity: RestartIntensityState
        var coolDown: CoolDownState
        /// Fulfilled when this start, or the restart that replaces it, is ready.
        var readiness = Promise<Void>()
        let ending = Promise<Void>()
    }

    private enum Phase {
        /// `run()` has not been called, or has ended. Next: running.
        case idle
        /// Next: ending.
        case running
        /// Waiting for the last children. Next: idle.
        case ending
    }

    static let kind = SupervisionNode.Kind.dynamicSupervisor

    private let intensity: RestartIntensity
    private let coolDown: Backoff
    private var phase = Phase.idle
    private var members: [String: Member] = [:]
    private var lastGeneration: UInt64 = 0
    private(set) var beganAt: ContinuousClock.Instant?

    init(intensity: RestartIntensity, coolDown: Backoff) {
        self.intensity = intensity
        self.coolDown = coolDown
    }

    mutating func began(at now: ContinuousClock.Instant) throws(SupervisorError) -> [SupervisionAction] {
        guard phase == .idle else { throw .alreadyRunning }
        phase = .running
        beganAt = now
        return [.allReady]
    }

    mutating func reported(_ report: ChildReport, at now: ContinuousClock.Instant) -> [SupervisionAction] {
        guard let member = members[report.child], member.child.generation == report.generation else {
            return []
        }
        switch report.kind {
        case .ready: return ready(report.child)
        case .ended(let ending): return ended(report.child, member, ending, at: now)
        case .overdue: return overdue(report.child, member)
        case .coolDownOver: return released(report.child, at: now)
        }
    }

    mutating func stopRequested() -> [SupervisionAction] {
        guard phase == .running else { return [] }
        phase = .ending
        let stops = members.keys.sorted().flatMap { stopWanted($0).actions }
        // Without children, no later event would end `run()`. If all children were quarantined, the removal of the
        // last one has ended it already.
        return stops.isEmpty && members.isEmpty ? endIfEmpty() : stops
    }

    var nodeState: SupervisionNode.State {
        switch phase {
        case .idle: beganAt == nil ? .waiting : .finished
        case .running: .running
        case .ending: .stopping
        }
    }

    /// The children by id.
    var children: [SupervisedChild] {
        members.values.map(\.child).sorted { $0.spec.id < $1.spec.id }
    }

    /// The ids of the quarantined children, sorted.
    var quarantined: [String] { members.filter { $0.value.coolDown.until != nil }.keys.sorted() }
}

// MARK: - Commands
extension DynamicSupervisorState {
    /// A caller needs a ready child: starts it unless it exists. Returns the promise of its readiness.
    mutating func readinessWanted(
        _ spec: ChildSpec, at now: ContinuousClock.Instant
    ) throws(SupervisorError) -> (readiness: Promise<Void>, actions: [SupervisionAction]) {
        guard phase == .running else { throw .notRunning }
        if let member = members[spec.id] {
            if let until = member.coolDown.until {
                throw .quarantined(child: spec.id, remaining: max(.zero, now.duration(to: until)))
            }
            guard member.child.phase != .stopping else { throw .childEnded(child: spec.id) }
            return (member.readiness, [])
        }
        let member = Member(
            child: SupervisedChild(spec), intensity: RestartIntensityState(intensity),
            coolDown: CoolDownState(coolDown))
        members[spec.id] = member
        return (member.readiness, start(spec.id, at: now))
    }

    /// A child must stop. Returns the promise of its end; nil when there is no such child.
    mutating func stopWanted(_ id: String) -> (ending: Promise<Void>?, actions: [SupervisionAction]) {
        guard var member = members[id] else { return (nil, []) }
        switch member.child.phase {
        case .starting, .running:
            let actions = member.child.stopWanted()
            members[id] = member
            return (member.ending, actions)
        case .stopping: return (member.ending, [])
        case .waiting, .finished, .abandoned, .quarantined: return (member.ending, remove(id, member))
        }
    }

    /// A child's cool-down is over: it is started again.
    private mutating func released(_ id: String, at now: ContinuousClock.Instant) -> [SupervisionAction] {
        guard var member = members[id], member.coolDown.until != nil else { return [] }
        member.coolDown.ended(at: now)
        member.intensity.reset()
        members[id] = member
        let timer = SupervisionAction.forget(generation: member.child.generation)
        return [timer, .notify(child: id, .released)] + start(id, at: now)
    }
}

// MARK: - Events of children
extension DynamicSupervisorState {
    private mutating func ready(_ id: String) -> [SupervisionAction] {
        guard var member = members[id], member.child.phase == .starting else { return [] }
        let actions = member.child.becameReady()
        members[id] = member
        return actions + [.fulfil(member.readiness, .success(()))]
    }

    private mutating func ended(
        _ id: String, _ member: Member, _ ending: ChildEnding, at now: ContinuousClock.Instant
    ) -> [SupervisionAction] {
        guard member.child.isAlive else { return [] }
        if member.child.phase == .stopping {
            return [.notify(child: id, .ended)] + remove(id, member)
        }
        var member = member
        let actions = member.child.endedByItself(ending)
        guard member.child.isRestarted(after: ending) else { return actions + remove(id, member) }
        if member.child.phase == .running { member.readiness = Promise() }
        let isWithinLimit = member.intensity.restartWanted(at: now)
        members[id] = member
        return actions + (isWithinLimit ? start(id, at: now) : quarantine(id, member, at: now))
    }

    private mutating func quarantine(
        _ id: String, _ member: Member, at now: ContinuousClock.Instant
    ) -> [SupervisionAction] {
        var member = member
        let coolDown = member.coolDown.began(at: now)
        let readiness = member.readiness
        member.child.left(to: .quarantined)
        member.readiness = Promise()
        members[id] = member
        let refusal = SupervisorError.quarantined(child: id, remaining: coolDown)
        return [
            .notify(child: id, .quarantined(coolDown: coolDown)),
            .coolDown(
                child: id, generation: member.child.generation, until: now.advanced(by: coolDown)),
            .fulfil(readiness, .failure(refusal)),
        ]
    }

    private mutating func overdue(_ id: String, _ member: Member) -> [SupervisionAction] {
        guard member.child.phase == .stopping else { return [] }
        let notification = SupervisionAction.notify(child: id, .abandoned(after: member.child.spec.shutdown))
        return [notification] + remove(id, member)
    }

    private mutating func start(_ id: String, at now: ContinuousClock.Instant) -> [SupervisionAction] {
        lastGeneration &+= 1
        return members[id]?.child.started(lastGeneration, at: now) ?? []
    }

    private mutating func remove(_ id: String, _ member: Member) -> [SupervisionAction] {
        members[id] = nil
        return [
            .forget(generation: member.child.generation),
            .fulfil(member.readiness, .failure(SupervisorError.childEnded(child: id))),
            .fulfil(member.ending, .success(())),
        ] + endIfEmpty()
    }

    private mutating func endIfEmpty() -> [SupervisionAction] {
        guard phase == .ending, members.isEmpty else { return [] }
        phase = .idle
        return [.end(.success(()))]
    }
}
