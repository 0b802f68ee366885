/// The decisions of a supervisor with a fixed list of children.
struct SupervisorState: SupervisingState {
    static let kind = SupervisionNode.Kind.supervisor

    private struct Member {
        var child: SupervisedChild
        /// Whether it must be stopped as soon as the siblings after it have ended.
        var mustStop = false
    }

    private enum Phase {
        /// `run()` has not been called. Next: starting.
        case idle
        /// Not every child has been ready yet. Next: running, ending.
        case starting
        /// Next: ending.
        case running
        /// Stopping the children. Next: over.
        case ending(Result<Void, SupervisorError>)
        /// `run()` ends or has ended. Next: starting.
        case over
    }

    private let strategy: Supervisor.Strategy
    private var intensity: RestartIntensityState
    private var members: [Member]
    private var phase = Phase.idle
    private var lastGeneration: UInt64 = 0
    private(set) var beganAt: ContinuousClock.Instant?

    init(strategy: Supervisor.Strategy, intensity: RestartIntensity, children: [ChildSpec]) {
        self.strategy = strategy
        self.intensity = RestartIntensityState(intensity)
        members = children.map { Member(child: SupervisedChild($0)) }
    }

    mutating func began(at now: ContinuousClock.Instant) throws(SupervisorError) -> [SupervisionAction] {
        switch phase {
        case .idle, .over: break
        case .starting, .running, .ending: throw .alreadyRunning
        }
        members = members.map { Member(child: SupervisedChild($0.child.spec)) }
        intensity.reset()
        phase = .starting
        beganAt = now
        return settle(at: now)
    }

    mutating func reported(_ report: ChildReport, at now: ContinuousClock.Instant) -> [SupervisionAction] {
        // Ignore reports of an earlier start, such as of an abandoned task that has ended now.
        guard let index = members.firstIndex(where: { $0.child.spec.id == report.child }),
            members[index].child.isCurrent(report.generation)
        else { return [] }
        switch report.kind {
        case .ready:
            guard members[index].child.phase == .starting else { return [] }
            return members[index].child.becameReady() + settle(at: now)
        case .ended(let ending): return ended(index, ending, at: now) + settle(at: now)
        case .overdue: return overdue(index) + settle(at: now)
        case .coolDownOver: return []
        }
    }

    mutating func stopRequested() -> [SupervisionAction] {
        switch phase {
        case .starting, .running: return end(with: .success(()))
        case .idle, .ending, .over: return []
        }
    }

    var nodeState: SupervisionNode.State {
        switch phase {
        case .idle: .waiting
        case .starting: .starting
        case .running: .running
        case .ending: .stopping
        case .over: .finished
        }
    }

    /// The children in the order of their start.
    var children: [SupervisedChild] { members.map(\.child) }
}

// MARK: - Ends of children
extension SupervisorState {
    private mutating func ended(
        _ index: Int, _ ending: ChildEnding, at now: ContinuousClock.Instant
    ) -> [SupervisionAction] {
        if members[index].child.phase == .stopping {
            let child = members[index].child
            leave(index)
            return [.forget(generation: child.generation), .notify(child: child.spec.id, .ended)]
        }
        let actions = members[index].child.endedByItself(ending)
        if members[index].mustStop {
            leave(index)
            return actions
        }
        return actions + endedByItself(index, ending, at: now)
    }

    private mutating func endedByItself(
        _ index: Int, _ ending: ChildEnding, at now: ContinuousClock.Instant
    ) -> [SupervisionAction] {
        let child = members[index].child
        if child.starts == 1, child.phase == .starting, case .threw(let reason) = ending {
            members[index].child.left(to: .finished)
            return end(with: .failure(.childFailedToStart(child: child.spec.id, reason: reason)))
        }
        guard child.isRestarted(after: ending) else {
            members[index].child.left(to: .finished)
            return []
        }
        guard intensity.restartWanted(at: now) else {
            members[index].child.left(to: .finished)
            let reason = members[index].child.lastFailure ?? "returned"
            return end(with: .failure(.tooManyRestarts(child: child.spec.id, reason: reason)))
        }
        restart(with: index)
        return []
    }

    private mutating func overdue(_ index: Int) -> [SupervisionAction] {
        let child = members[index].child
        guard child.phase == .stopping else { return [] }
        leave(index)
        if isEnding { members[index].child.left(to: .abandoned) }
        return [
            .forget(generation: child.generation),
            .notify(child: child.spec.id, .abandoned(after: child.spec.shutdown)),
        ]
    }

    /// A child that had to stop is gone. Sets its next state.
    private mutating func leave(_ index: Int) {
        members[index].mustStop = false
        members[index].child.left(to: isEnding ? .finished : .waiting)
    }

    private var isEnding: Bool {
        if case .ending = phase { true } else { false }
    }
}

// MARK: - Order
extension SupervisorState {
    /// Marks a child for a restart, together with the siblings that the strategy demands.
    private mutating func restart(with index: Int) {
        members[index].child.left(to: .waiting)
        guard strategy == .restForOne else { return }
        for sibling in members.indices.dropFirst(index + 1) {
            switch members[sibling].child.phase {
            case .starting, .running: members[sibling].mustStop = true
            case .finished: members[sibling].child.left(to: .waiting)
            case .waiting, .stopping, .abandoned, .quarantined: break
            }
        }
    }

    private mutating func end(with result: Result<Void, SupervisorError>) -> [SupervisionAction] {
        phase = .ending(result)
        for index in members.indices {
            let childPhase = members[index].child.phase
            members[index].mustStop = childPhase == .starting || childPhase == .running
        }
        return stopNext() ?? []
    }

    /// The next actions towards the goal, which is that all children run, or that none does at the end. First, children
    /// stop in reverse order, each after the next one has ended. Then they start in order, each after the one before it
    /// is ready.
    private mutating func settle(at now: ContinuousClock.Instant) -> [SupervisionAction] {
        if let steps = stopNext() { return steps }
        switch phase {
        case .idle, .over, .ending: return []
        case .starting, .running: return startNext(at: now)
        }
    }

    /// Stops the next child that must stop. Returns nil when there is no child to stop and none to wait for.
    private mutating func stopNext() -> [SupervisionAction]? {
        if members.contains(where: { $0.child.phase == .stopping }) { return [] }
        if let last = members.lastIndex(where: \.mustStop) {
            members[last].mustStop = false
            return members[last].child.stopWanted()
        }
        guard case .ending(let result) = phase else { return nil }
        phase = .over
        return [.end(result)]
    }

    private mutating func startNext(at now: ContinuousClock.Instant) -> [SupervisionAction] {
        for index in members.indices {
            switch members[index].child.phase {
            case .waiting:
                lastGeneration &+= 1
                return members[index].child.started(lastGeneration, at: now)
            case .starting: return []
            case .running, .stopping, .finished, .abandoned, .quarantined: continue
            }
        }
        guard case .starting = phase else { return [] }
        phase = .running
        return [.allReady]
    }
}
