/// An event of a supervisor, for logs and metrics.
package struct SupervisionEvent: Sendable {
    /// What happened to a child.
    package enum Kind: Sendable {
        case started
        case ready
        /// It returned, or it ended because the supervisor stopped it.
        case ended
        /// It threw, or returned although it is permanent.
        case failed(reason: String)
        case restarting
        /// It did not end within this time after it was cancelled. Its supervisor continues without it.
        case abandoned(after: Duration)
        /// It failed too often. It is restarted after the cool-down.
        case quarantined(coolDown: Duration)
        /// Its cool-down is over, and it is restarted.
        case released
    }

    /// The supervisor's name.
    package let supervisor: String
    /// The child's id.
    package let child: String
    package let kind: Kind
}

/// Receives a supervisor's events in order, never under a lock. It must not block.
package typealias SupervisionObserver = @Sendable (SupervisionEvent) -> Void
