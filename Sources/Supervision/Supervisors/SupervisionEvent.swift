/// Something that a supervisor did or saw, for logs and metrics.
package struct SupervisionEvent: Sendable {
    /// What happened to a child.
    package enum Kind: Sendable {
        case started
        case ready
        /// It returned, or ended because it was asked to.
        case ended
        /// It threw, or returned although it is permanent.
        case failed(reason: String)
        case restarting
        /// It did not end within this time after it was cancelled; its supervisor goes on without it.
        case abandoned(after: Duration)
        /// It failed too often; restarted after the cool-down.
        case quarantined(coolDown: Duration)
        case released
    }

    /// The supervisor's name.
    package let supervisor: String
    /// The child's id.
    package let child: String
    package let kind: Kind
}

/// Is told what a supervisor does, in order, never under a lock. Must not block.
package typealias SupervisionObserver = @Sendable (SupervisionEvent) -> Void
