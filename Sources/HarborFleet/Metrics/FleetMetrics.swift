internal import Metrics

/// The domain's metrics, made where the process has bootstrapped them. None has a label that holds a fleet or a vehicle.
struct FleetMetrics: Sendable {
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

    let fixesAccepted = Counter(label: "harbor_fixes_accepted_total")
    let fixesDuplicate = Counter(label: "harbor_fixes_duplicate_total")
    let fixesRejected = Counter(label: "harbor_fixes_rejected_total")
    let liveEvents = Counter(label: "harbor_live_events_total")
    let trackerReloads = Counter(label: "harbor_tracker_reloads_total")
    let trackerMerges = Counter(label: "harbor_tracker_merges_total")
    let commitDuration = Metrics.Timer(label: "harbor_commit_duration_seconds")
    let commitRows = Recorder(label: "harbor_commit_rows")
    let commitFailures = Counter(label: "harbor_commit_failures_total")
    let refused = Counter(label: "harbor_recorder_refused_total")
    let overdue = Counter(label: "harbor_recorder_overdue_total")
}
