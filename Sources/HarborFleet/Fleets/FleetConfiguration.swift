package import Supervision

/// The bounds and intervals of `Fleets`.
package struct FleetConfiguration: Sendable {
    package var tracker: TrackerConfiguration
    /// `HARBOR_MAX_VEHICLES_PER_FLEET`.
    package var maximumVehicles = 100_000
    /// `HARBOR_RECONCILE_S`: how often the newest rows are merged into every tracker.
    package var reconcileInterval: Duration = .seconds(30)
    /// How often the store's revision is asked for.
    package var refreshInterval: Duration = .milliseconds(500)
    /// How long trackers are told of a vehicle's removal: longer than `TrackerConfiguration.commitGrace`.
    package var removalsAreRecentFor: Duration = .seconds(30)
    /// How long a call waits for a tracker that starts.
    package var startTimeout: Duration = .seconds(5)

    /// What the supervisor of trackers bears: the third failure of one tracker within 5 s quarantines its fleet.
    package static let trackerIntensity = RestartIntensity(maxRestarts: 2, within: .seconds(5))

    package init(tracker: TrackerConfiguration = TrackerConfiguration()) {
        self.tracker = tracker
    }
}
