package import Supervision

/// The bounds and intervals of `Fleets`.
package struct FleetConfiguration: Sendable {
    package var tracker: TrackerConfiguration
    /// `HARBOR_MAX_VEHICLES_PER_FLEET`: the maximum number of vehicles in a fleet.
    package var maximumVehicles = 100_000
    /// `HARBOR_RECONCILE_S`: how often the newest rows are merged into every tracker.
    package var reconcileInterval: Duration = .seconds(30)
    /// The interval between two reads of the store's revision.
    package var refreshInterval: Duration = .milliseconds(500)
    /// For how long after a vehicle's removal its tracker is informed of it repeatedly. Must be longer than
    /// `TrackerConfiguration.commitGrace`.
    package var removalsAreRecentFor: Duration = .seconds(30)
    /// How long a call waits for a tracker to start.
    package var startTimeout: Duration = .seconds(5)

    /// The restart limit of the trackers' supervisor: the third failure of one tracker within 5 s quarantines its
    /// fleet.
    package static let trackerIntensity = RestartIntensity(maxRestarts: 2, within: .seconds(5))

    package init(tracker: TrackerConfiguration = TrackerConfiguration()) {
        self.tracker = tracker
    }
}
