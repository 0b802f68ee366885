package import Metrics

/// The domain's metrics. None has a label that holds a fleet or a vehicle.
package struct FleetMetrics: Sendable {
    static let descriptions = [
        "harbor_fixes_accepted_total": "New fixes made durable.",
        "harbor_fixes_duplicate_total": "Fixes that were stored before.",
        "harbor_fixes_rejected_total": "Invalid fixes in POSTs that were taken.",
        "harbor_live_events_total": "Changes handed to live subscribers, each counted once.",
        "harbor_tracker_reloads_total": "Times a tracker loaded its fleet.",
        "harbor_tracker_merges_total": "Times rows were merged into a tracker that had missed them.",
        "harbor_commit_duration_seconds": "One unit of fixes made durable, or failed.",
        "harbor_commit_rows": "Fixes in a unit that was made durable.",
        "harbor_commit_failures_total": "Units of fixes that were not made durable.",
        "harbor_recorder_refused_total": "POSTs refused at once: no room, or the database is away.",
        "harbor_recorder_overdue_total": "POSTs refused since they had waited for too long.",
    ]

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
