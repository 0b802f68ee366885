internal import Metrics

/// The metrics of the domain. Must be created after the process has bootstrapped its metrics system. No label names
/// a fleet or a vehicle.
struct FleetMetrics: Sendable {
    static let descriptions = [
        "harbor_fixes_accepted_total": "New fixes written to the database.",
        "harbor_fixes_duplicate_total": "Fixes that were already stored.",
        "harbor_fixes_rejected_total": "Rejected fixes in POSTs that were accepted.",
        "harbor_live_events_total": "Changes published to live subscribers, each counted once.",
        "harbor_tracker_reloads_total": "Times a tracker loaded its fleet.",
        "harbor_tracker_merges_total": "Times a tracker got committed fixes again that it may have missed.",
        "harbor_commit_duration_seconds": "Time to write one batch of fixes, successful or failed.",
        "harbor_commit_rows": "Fixes in one batch that was written to the database.",
        "harbor_commit_failures_total": "Batches of fixes that could not be written to the database.",
        "harbor_recorder_refused_total": "POSTs refused at once: queue full or database unavailable.",
        "harbor_recorder_overdue_total": "POSTs refused because they had waited too long.",
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
