/// Whether a vehicle drives, as its newest fix left it. Stored with the fix, so that a reload says the same; what
/// becomes of it as time goes by is `MotionRules.state(of:at:)`.
package enum Motion: Sendable, Equatable {
    case idle
    /// `slow`: since when it has been too slow; nil while it is not.
    case moving(slow: SlowPeriod?)

    /// Whether it drives, slowly or not.
    package var isMoving: Bool {
        if case .moving = self { true } else { false }
    }

    /// Since when it drives slowly; nil when it does not.
    package var slow: SlowPeriod? {
        if case .moving(let slow) = self { slow } else { nil }
    }
}

/// Since when a moving vehicle has been slow.
package struct SlowPeriod: Sendable, Equatable {
    /// By the vehicle's clock.
    package var recordedAt: Timestamp
    /// By ours.
    package var receivedAt: Timestamp

    package init(recordedAt: Timestamp, receivedAt: Timestamp) {
        self.recordedAt = recordedAt
        self.receivedAt = receivedAt
    }
}
