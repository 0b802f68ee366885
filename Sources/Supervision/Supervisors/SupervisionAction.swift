/// What a supervisor's state wants done, in order.
enum SupervisionAction: Sendable {
    /// Make the child's task.
    case start(ChildSpec, generation: UInt64, restarts: Int)
    /// Cancel the child's task, and report it overdue after its shutdown time.
    case cancel(child: String, generation: UInt64, shutdown: Duration)
    /// Report the cool-down as over at this instant.
    case coolDown(child: String, generation: UInt64, until: ContinuousClock.Instant)
    /// The child's task has ended or is abandoned: drop its handle and its timers.
    case forget(generation: UInt64)
    case notify(child: String, SupervisionEvent.Kind)
    case fulfil(Promise<Void>, Result<Void, any Error>)
    /// Every child was ready once.
    case allReady
    /// No child is left to wait for: the supervisor's `run()` ends.
    case end(Result<Void, SupervisorError>)
}

/// What children's tasks and timers tell.
struct ChildReport: Sendable {
    enum Kind: Sendable {
        case ready
        case ended(ChildEnding)
        /// It did not end within its shutdown time.
        case overdue
        case coolDownOver
    }

    let child: String
    let generation: UInt64
    let kind: Kind
}

/// A supervisor's decisions as a value: what happened goes in with its instant, what to do comes out.
protocol SupervisingState: Sendable {
    /// What the tree calls such a supervisor.
    static var kind: SupervisionNode.Kind { get }
    /// Where the supervisor itself is in its life.
    var nodeState: SupervisionNode.State { get }
    /// When `run()` was last called; nil before.
    var beganAt: ContinuousClock.Instant? { get }
    /// The children in the order in which the tree shows them.
    var children: [SupervisedChild] { get }

    /// `run()` was called; throws when it is under way already.
    mutating func began(at now: ContinuousClock.Instant) throws(SupervisorError) -> [SupervisionAction]
    mutating func reported(_ report: ChildReport, at now: ContinuousClock.Instant) -> [SupervisionAction]
    /// The task of `run()` was cancelled.
    mutating func stopRequested() -> [SupervisionAction]
}
