/// The errors of supervisors.
package enum SupervisorError: Error, Equatable {
    /// The children failed more often than the restart intensity allows; `child` was the last to fail.
    case tooManyRestarts(child: String, reason: String)
    /// A child threw at its very first start, before it was ready.
    case childFailedToStart(child: String, reason: String)
    /// `run()` is already in progress.
    case alreadyRunning
    /// The dynamic supervisor accepts no children, because it is not running.
    case notRunning
    /// The child failed too often. It is tried again after this time.
    case quarantined(child: String, remaining: Duration)
    /// The child ended before it was ready.
    case childEnded(child: String)
    /// The waiting task was cancelled.
    case cancelled
}

extension SupervisorError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooManyRestarts(let child, let reason): "\(child) fails repeatedly: \(reason)"
        case .childFailedToStart(let child, let reason): "\(child) did not start: \(reason)"
        case .alreadyRunning: "the supervisor is already running"
        case .notRunning: "the supervisor is not running"
        case .quarantined(let child, let remaining): "\(child) is quarantined for \(remaining)"
        case .childEnded(let child): "\(child) ended before it was ready"
        case .cancelled: "the wait was cancelled"
        }
    }
}
