/// How fixes and time decide a vehicle's state (the contract's Status).
package struct MotionRules: Sendable, Equatable {
    /// Offline when the newest fix was received this long ago.
    package var offlineAfter: Duration
    /// Moving from this speed on.
    package var movingSpeedMetersPerSecond = 1.0
    /// Idle below this speed, when it lasts.
    package var idleSpeedMetersPerSecond = 0.5
    /// How long it has to last.
    package var idleAfter: Duration = .seconds(10)

    /// - Parameter offlineAfter: `HARBOR_OFFLINE_AFTER_S`.
    package init(offlineAfter: Duration = .seconds(300)) {
        self.offlineAfter = offlineAfter
    }
}

/// Since when a moving vehicle has been slow.
struct SlowPeriod: Sendable, Equatable {
    var recordedAt: Timestamp
    var receivedAt: Timestamp
}

/// What a fix makes of a vehicle.
struct MotionDecision: Equatable {
    var state: VehicleState
    /// Kept while the vehicle still counts as moving.
    var slow: SlowPeriod?
}

extension MotionRules {
    /// The state after `newest`.
    ///
    /// Ten slow seconds count by the vehicle's clock, from fix to fix, or by ours, when no fix tells
    /// otherwise.
    func decision(
        previous: VehicleState?, slow: SlowPeriod?, newest: StoredFix, now: Timestamp
    ) -> MotionDecision {
        guard now < offlineDeadline(of: newest) else { return MotionDecision(state: .offline) }
        let speed = newest.decidingSpeedMetersPerSecond ?? 0
        guard speed < movingSpeedMetersPerSecond else { return MotionDecision(state: .moving) }
        guard previous == .moving else { return MotionDecision(state: .idle) }
        guard speed < idleSpeedMetersPerSecond else { return MotionDecision(state: .moving) }
        let period =
            slow ?? SlowPeriod(recordedAt: newest.fix.recordedAt, receivedAt: newest.receivedAt)
        if newest.fix.recordedAt.since(period.recordedAt) >= idleAfter || now >= idleDeadline(of: period) {
            return MotionDecision(state: .idle)
        }
        return MotionDecision(state: .moving, slow: period)
    }

    func offlineDeadline(of newest: StoredFix) -> Timestamp {
        newest.receivedAt.advanced(by: offlineAfter)
    }

    func idleDeadline(of slow: SlowPeriod) -> Timestamp {
        slow.receivedAt.advanced(by: idleAfter)
    }
}
