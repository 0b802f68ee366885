/// The rules by which fixes and time decide a vehicle's state. The section Status of the guide "Reading and following"
/// describes them to readers.
package struct MotionRules: Sendable, Equatable {
    /// A vehicle is offline when its newest fix was received this long ago.
    package var offlineAfter: Duration
    /// A vehicle is moving at this speed and above.
    package var movingSpeedMetersPerSecond = 1.0
    /// A moving vehicle becomes idle when it stays below this speed.
    package var idleSpeedMetersPerSecond = 0.5
    /// How long the speed must stay that low.
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

    /// The motion of a vehicle after `fix`, given its newest fix before that, `previous`, and its state when `fix`
    /// was received.
    ///
    /// The slow period of `idleAfter` is measured by the vehicle's clock between fixes, or by the server's clock
    /// while no fix arrives.
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
    /// The fix with the values that are decided once per fix from the vehicle's newest one before it: its speed,
    /// when the partner gave none, and its motion. A fix that is already decided is returned unchanged, because
    /// memory and table must agree.
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
