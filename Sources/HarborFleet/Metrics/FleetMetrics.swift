package import Metrics

/// The domain's metrics. None has a label that holds a fleet or a vehicle.
///
/// | name | unit | fires |
/// |---|---|---|
/// | `harbor_fixes_accepted_total` | fixes | new ones made durable |
/// | `harbor_fixes_duplicate_total` | fixes | committed before, or twice in one POST |
/// | `harbor_fixes_rejected_total` | fixes | invalid ones of a POST that was taken |
/// | `harbor_live_events_total` | events | handed to subscribers, once whatever their number |
/// | `harbor_tracker_reloads_total` | loads | a tracker has loaded its fleet |
/// | `harbor_tracker_merges_total` | merges | rows merged into a tracker that had missed them |
/// | `harbor_commit_duration_seconds` | time | one unit made durable, or failed |
/// | `harbor_commit_rows` | rows | in a unit that was made durable |
/// | `harbor_commit_failures_total` | units | not made durable |
/// | `harbor_recorder_refused_total` | POSTs | refused at once: no room, or the breaker open |
/// | `harbor_recorder_overdue_total` | POSTs | refused since they had waited for too long |
package struct FleetMetrics: Sendable {
    package let fixesAccepted: Counter
    package let fixesDuplicate: Counter
    package let fixesRejected: Counter
    package let liveEvents: Counter
    package let trackerReloads: Counter
    package let trackerMerges: Counter
    package let commitDuration: Metrics.Timer
    package let commitRows: Recorder
    package let commitFailures: Counter
    package let refused: Counter
    package let overdue: Counter

    /// - Parameter factory: where the handles are made; the bootstrapped one unless given.
    package init(factory: any MetricsFactory = MetricsSystem.factory) {
        fixesAccepted = Counter(label: "harbor_fixes_accepted_total", factory: factory)
        fixesDuplicate = Counter(label: "harbor_fixes_duplicate_total", factory: factory)
        fixesRejected = Counter(label: "harbor_fixes_rejected_total", factory: factory)
        liveEvents = Counter(label: "harbor_live_events_total", factory: factory)
        trackerReloads = Counter(label: "harbor_tracker_reloads_total", factory: factory)
        trackerMerges = Counter(label: "harbor_tracker_merges_total", factory: factory)
        commitDuration = Metrics.Timer(label: "harbor_commit_duration_seconds", factory: factory)
        commitRows = Recorder(label: "harbor_commit_rows", aggregate: true, factory: factory)
        commitFailures = Counter(label: "harbor_commit_failures_total", factory: factory)
        refused = Counter(label: "harbor_recorder_refused_total", factory: factory)
        overdue = Counter(label: "harbor_recorder_overdue_total", factory: factory)
    }
}
