/// What all trackers have in common.
package struct TrackerConfiguration: Sendable {
    package var motion: MotionRules
    /// The newest events that are kept for subscribers that come back.
    package var eventsHeld = 1024
    /// Waiting messages at most; what does not fit is merged after its commit.
    package var mailboxCapacity = 256
    /// Fixes that are applied between two publications at most.
    package var slice = 512
    /// How long a fix that the store does not have may be on its way there.
    package var commitGrace: Duration = .seconds(15)
    /// How long a tracker waits until it asks an unavailable store again.
    package var reloadDelay: Duration = .milliseconds(500)
    /// How long after a look for deadlines that have come the next one is taken at the earliest.
    package var timerInterval: Duration = .seconds(1)
    /// Called before fixes are applied; what it throws ends the tracker. For tests of its restart.
    package var willApply: (@Sendable (_ fleetID: FleetID, _ fixes: [StoredFix]) throws -> Void)?

    package init(motion: MotionRules = MotionRules()) {
        self.motion = motion
    }
}
