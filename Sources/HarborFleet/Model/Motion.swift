/// Whether a vehicle is driving, as of its newest fix. Stored with the fix, so that a reload gives the same result.
/// `MotionRules.state(of:at:)` says how the passing of time changes it.
package enum Motion: Sendable, Equatable {
    case idle
    /// `slow`: the start of the period in which the vehicle has been slower than
    /// `MotionRules.idleSpeedMetersPerSecond`; nil while it is not slower.
    case moving(slow: SlowPeriod?)

    /// Whether the vehicle is driving, slowly or not.
    package var isMoving: Bool {
        if case .moving = self { true } else { false }
    }

    /// The start of the slow period; nil when the vehicle is idle or not that slow.
    package var slow: SlowPeriod? {
        if case .moving(let slow) = self { slow } else { nil }
    }
}

/// The start of the period in which a moving vehicle has been slower than `MotionRules.idleSpeedMetersPerSecond`.
package struct SlowPeriod: Sendable, Equatable {
    /// By the vehicle's clock.
    package var recordedAt: Timestamp
    /// By the server's clock.
    package var receivedAt: Timestamp

    package init(recordedAt: Timestamp, receivedAt: Timestamp) {
        self.recordedAt = recordedAt
        self.receivedAt = receivedAt
    }
}
