internal import Supervision

/// The dependencies that `Fleets` passes to a tracker.
struct TrackerDependencies: Sendable {
    let store: any FixStore
    let sink: any LiveEventSink
    let clock: any SupervisionClock
    let wallClock: any WallClock
    let configuration: TrackerConfiguration
    let metrics = FleetMetrics()
}
