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
    /// A child with this id is there (or has not ended yet).
    case alreadyStarted(child: String)
    /// The child failed too often; to be tried again after this time.
    case quarantined(child: String, remaining: Duration)
    /// The child ended before it was ready.
    case childEnded(child: String)
    /// The waiting task was cancelled.
    case cancelled
}
