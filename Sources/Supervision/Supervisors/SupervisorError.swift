/// Why a supervisor gave up or refused.
package enum SupervisorError: Error, Equatable {
    /// Its children failed more often than its restart intensity allows; `child` was the last.
    case tooManyRestarts(child: String, reason: String)
    /// A child threw at its very first start, before it was ready.
    case childFailedToStart(child: String, reason: String)
    /// `run()` is under way already.
    case alreadyRunning
    /// Only a running dynamic supervisor takes children.
    case notRunning
    /// The child failed too often; to be tried again after this time.
    case quarantined(child: String, remaining: Duration)
    /// The child ended before it was ready.
    case childEnded(child: String)
    /// The waiting task was cancelled.
    case cancelled
}

extension SupervisorError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooManyRestarts(let child, let reason): "\(child) fails again and again: \(reason)"
        case .childFailedToStart(let child, let reason): "\(child) did not start: \(reason)"
        case .alreadyRunning: "the supervisor is running already"
        case .notRunning: "the supervisor does not run"
        case .quarantined(let child, let remaining): "\(child) is quarantined for \(remaining)"
        case .childEnded(let child): "\(child) ended before it was ready"
        case .cancelled: "the wait was cancelled"
        }
    }
}
