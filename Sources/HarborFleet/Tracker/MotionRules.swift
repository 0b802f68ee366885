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

extension MotionRules {
    /// The state of a vehicle whose newest fix is `newest`.
    func state(of newest: StoredFix, at now: Timestamp) -> VehicleState {
        guard now < offlineDeadline(of: newest) else { return .offline }
        guard let motion = newest.motion, motion.isMoving else { return .idle }
        guard let slow = motion.slow else { return .moving }
        return now < idleDeadline(of: slow) ? .moving : .idle
    }

    /// What `fix` makes of a vehicle whose newest one was `previous`, as it stood when `fix` was received.
    ///
    /// Ten slow seconds count by the vehicle's clock, from fix to fix, or by ours, when no fix tells
    /// otherwise.
    func motion(of fix: StoredFix, after previous: StoredFix?) -> Motion {
        let speed = fix.decidingSpeedMetersPerSecond ?? 0
        guard speed < movingSpeedMetersPerSecond else { return .moving(slow: nil) }
        guard let previous, state(of: previous, at: fix.receivedAt) == .moving else { return .idle }
        guard speed < idleSpeedMetersPerSecond else { return .moving(slow: nil) }
        let period =
            previous.motion?.slow ?? SlowPeriod(recordedAt: fix.fix.recordedAt, receivedAt: fix.receivedAt)
        guard fix.fix.recordedAt.since(period.recordedAt) < idleAfter else { return .idle }
        return .moving(slow: period)
    }

    func offlineDeadline(of newest: StoredFix) -> Timestamp {
        newest.receivedAt.advanced(by: offlineAfter)
    }

    func idleDeadline(of slow: SlowPeriod) -> Timestamp {
        slow.receivedAt.advanced(by: idleAfter)
    }
}

extension StoredFix {
    /// With what is decided once for each fix, from the vehicle's newest one before it: its speed, when the partner
    /// gave none, and its motion. As it is when that has been decided: memory and table must agree.
    func decided(after previous: StoredFix?, _ rules: MotionRules) -> StoredFix {
        guard motion == nil else { return self }
        var copy = self
        if decidingSpeedMetersPerSecond == nil, let previous {
            copy.derivedSpeedMetersPerSecond = DerivedSpeed.metersPerSecond(from: previous.fix, to: fix)
        }
        copy.motion = rules.motion(of: copy, after: previous)
        return copy
    }
}
