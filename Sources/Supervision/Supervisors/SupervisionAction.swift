/// The actions that a supervisor's state asks its driver to perform, in order.
enum SupervisionAction: Sendable {
    /// Start the child's task.
    case start(ChildSpec, generation: UInt64, restarts: Int)
    /// Cancel the child's task, and report it overdue after its shutdown time.
    case cancel(child: String, generation: UInt64, shutdown: Duration)
    /// Report the cool-down as over at this instant.
    case coolDown(child: String, generation: UInt64, until: ContinuousClock.Instant)
    /// The child's task has ended or is abandoned: drop its handle and its timer.
    case forget(generation: UInt64)
    case notify(child: String, SupervisionEvent.Kind)
    case fulfil(Promise<Void>, Result<Void, any Error>)
    /// Every child has been ready: call `onReady`.
    case allReady
    /// No child is left to wait for: end the supervisor's `run()`.
    case end(Result<Void, SupervisorError>)
}

/// A report of a child's task or timer to the supervisor's state.
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

/// The decisions of a supervisor, as a value without tasks or a clock. Each function takes an event and its time, and
/// returns the actions to perform.
protocol SupervisingState: Sendable {
    /// The kind of supervisor, for the tree.
    static var kind: SupervisionNode.Kind { get }
    /// The supervisor's own state, for the tree.
    var nodeState: SupervisionNode.State { get }
    /// When `run()` was last called; nil before its first call.
    var beganAt: ContinuousClock.Instant? { get }
    /// The children, in the order in which the tree shows them.
    var children: [SupervisedChild] { get }

    /// `run()` was called. Throws when it is already in progress.
    mutating func began(at now: ContinuousClock.Instant) throws(SupervisorError) -> [SupervisionAction]
    mutating func reported(_ report: ChildReport, at now: ContinuousClock.Instant) -> [SupervisionAction]
    /// The task of `run()` was cancelled.
    mutating func stopRequested() -> [SupervisionAction]
}
