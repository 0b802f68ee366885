/// The configuration that all trackers share.
package struct TrackerConfiguration: Sendable {
    package var motion: MotionRules
    /// How many of the newest events are kept for subscribers that reconnect.
    package var eventsHeld = 1024
    /// The maximum number of messages in a mailbox. Fixes that do not fit are merged after their commit.
    package var mailboxCapacity = 256
    /// The maximum number of fixes that are applied between two publications.
    package var slice = 512
    /// How long a fix that the store does not have yet may still be on its way there.
    package var commitGrace: Duration = .seconds(15)
    /// The delay before a tracker asks an unavailable store again.
    package var reloadDelay: Duration = .milliseconds(500)
    /// The minimum time between two ticks for deadlines that have come.
    package var timerInterval: Duration = .seconds(1)
    /// Called before fixes are applied; an error that it throws ends the tracker. For tests of the restart.
    package var willApply: (@Sendable (_ fleetID: FleetID, _ fixes: [StoredFix]) throws -> Void)?

    package init(motion: MotionRules = MotionRules()) {
        self.motion = motion
    }
}
