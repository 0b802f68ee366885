internal import Supervision

/// What a tracker is given by `Fleets`.
struct TrackerDependencies: Sendable {
    let store: any FixStore
    let sink: any LiveEventSink
    let clock: any SupervisionClock
    let wallClock: any WallClock
    let configuration: TrackerConfiguration
    let metrics = FleetMetrics()
}
