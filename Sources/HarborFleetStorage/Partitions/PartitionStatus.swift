internal import HarborFleet
internal import Supervision
internal import Telemetry

/// What the partition keeper found and did, and whether that is enough. A value.
///
/// Partitions are created a week ahead. So a run that fails once, because the database is unavailable or a lock is
/// held, harms nothing. Expired partitions that still exist cost only disk space and do not make the server less
/// ready.
struct PartitionStatus: Sendable, Equatable {
    /// The number of days ahead that have a partition unless the keeper has failed for a day.
    private static let usualAhead = PartitionSurvey.daysAhead - 1
    /// How long expired partitions may exist before that counts as a fault.
    private static let patience: Duration = .seconds(86_400)

    let retentionDays: Int
    /// nil until the keeper has looked at the partitions.
    var survey: PartitionSurvey?
    /// The limits for deletions by age; nil until the keeper has read them, and until then nothing is deleted.
    var horizon: RetentionHorizon?
    private(set) var made = 0
    private(set) var dropped = 0
    private(set) var failures = 0
    /// When a run last did everything.
    private(set) var lastSuccess: Timestamp?
    /// What the last run left undone, and why; nil when it did everything.
    private(set) var problem: String?

    /// Whether the keeper is creating missing partitions, after those of the days around today the newest first.
    var isMaking = false

    init(retentionDays: Int) {
        self.retentionDays = retentionDays
    }

    /// Counts the partitions that the keeper has created or dropped.
    mutating func did(_ report: PartitionKeeper.Report) {
        made += report.created.count
        dropped += report.dropped.count
    }

    /// Ends a run.
    /// - Parameter problem: what the run left undone; nil when it did everything.
    mutating func ended(at now: Timestamp, problem: String?) {
        self.problem = problem
        isMaking = false
        if problem == nil { lastSuccess = now } else { failures += 1 }
    }

    /// Whether fixes that may arrive now have no partition. The keeper must then not wait for its next regular run.
    func isShort(at now: Timestamp) -> Bool {
        survey.map { $0.lacking(at: now) != nil } ?? true
    }

    /// The number of days of the retention and of the next 7 days without a partition.
    func missing(at now: Timestamp) -> Int {
        survey?.missing(at: now, retentionDays: retentionDays).count ?? 0
    }

    /// The number of partitions that have expired and still exist.
    func expired(at now: Timestamp) -> Int {
        survey?.expired(at: now, retentionDays: keptDays) ?? 0
    }

    func check(at now: Timestamp) -> HealthCheck {
        guard let survey else { return HealthCheck(.failed, "the partitions have not been checked yet") }
        if let day = survey.lacking(at: now) {
            return HealthCheck(.failed, "no partition for fixes of \(day.text)\(why)")
        }
        let missing = survey.missing(at: now, retentionDays: retentionDays, ahead: Self.usualAhead)
        if isMaking, problem == nil, !missing.isEmpty {
            return HealthCheck(.ok, "\(survey.count) partitions; \(missing.count) days are being created")
        }
        if let first = missing.first {
            return behind("\(missing.count) days have no partition, the first is \(first.text)\(why)")
        }
        let expired = expired(at: now.advanced(by: .zero - Self.patience))
        if expired > 0, problem != nil {
            return behind("\(expired) expired partitions still exist\(why)")
        }
        return HealthCheck(.ok, "\(survey.count) partitions")
    }

    /// The retention that counts: another server may keep fixes for longer than this one.
    private var keptDays: Int { max(retentionDays, horizon?.fixDays ?? 0) }

    private var why: String { problem.map { "; the last run failed: \($0)" } ?? "" }

    private func behind(_ detail: String) -> HealthCheck {
        HealthCheck(.failed, detail, isRequired: false)
    }
}

// MARK: Metrics

extension PartitionStatus {
    func collect(at now: Timestamp, into collector: inout MetricCollector) {
        func moment(_ name: String, _ time: Timestamp?, _ help: String) {
            if let time { collector.gauge(name, Double(time.milliseconds) / 1000, help) }
        }
        collector.counter(
            "harbor_partitions_made_total", Double(made), "Partitions of fixes that this server created.")
        collector.counter(
            "harbor_partitions_dropped_total", Double(dropped),
            "Expired partitions of fixes that this server dropped.")
        collector.counter(
            "harbor_partition_failures_total", Double(failures),
            "Runs of the partition keeper that did not complete.")
        moment(
            "harbor_partitions_last_success_timestamp_seconds", lastSuccess,
            "When a run of the partition keeper last completed, Unix time.")
        guard let survey else { return }
        collector.gauge(
            "harbor_partitions", Double(survey.count), "Partitions of fixes at the last check.")
        collector.gauge(
            "harbor_partitions_missing", Double(missing(at: now)),
            "Days of the retention and the next 7 without a partition.")
        collector.gauge(
            "harbor_partitions_expired", Double(expired(at: now)),
            "Partitions past the retention that still exist.")
        moment(
            "harbor_partitions_oldest_timestamp_seconds", survey.oldest,
            "Start of the oldest partition, Unix time.")
        moment(
            "harbor_partitions_newest_timestamp_seconds", survey.newest,
            "End of the newest partition, Unix time.")
    }
}
