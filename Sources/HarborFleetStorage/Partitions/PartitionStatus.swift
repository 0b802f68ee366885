internal import HarborFleet
internal import Supervision
internal import Telemetry

/// What the keeper of partitions found and did, and whether that is enough. A value.
///
/// Partitions are made a week ahead, so a run that fails once, when the database is away or a lock is held, harms
/// nothing. Expired ones that are still there cost disk and nothing else: they do not make the server less ready.
struct PartitionStatus: Sendable, Equatable {
    /// Days ahead that are there unless the keeper has failed for a day.
    private static let usualAhead = PartitionSurvey.daysAhead - 1
    /// How long expired partitions may stay before they are a fault.
    private static let patience: Duration = .seconds(86_400)

    let retentionDays: Int
    /// nil until the keeper has looked.
    var survey: PartitionSurvey?
    /// What deletions by age go by; nil until the keeper has asked, and until then nothing is deleted.
    var horizon: RetentionHorizon?
    private(set) var made = 0
    private(set) var dropped = 0
    private(set) var failures = 0
    /// When all that was to do was done.
    private(set) var lastSuccess: Timestamp?
    /// What the last run left undone, and why; nil when it did everything.
    private(set) var problem: String?

    /// Whether the keeper makes what is missing, the newest days first.
    var isMaking = false

    init(retentionDays: Int) {
        self.retentionDays = retentionDays
    }

    /// The keeper has made or dropped some.
    mutating func did(_ report: PartitionKeeper.Report) {
        made += report.created.count
        dropped += report.dropped.count
    }

    /// A run is over.
    /// - Parameter problem: what it left undone; nil when it did everything.
    mutating func ended(at now: Timestamp, problem: String?) {
        self.problem = problem
        isMaking = false
        if problem == nil { lastSuccess = now } else { failures += 1 }
    }

    /// Whether fixes that may come now have no partition, so that the keeper must not wait for its next run.
    func isShort(at now: Timestamp) -> Bool {
        survey.map { $0.lacking(at: now) != nil } ?? true
    }

    /// Days of the retention and the next 7 without a partition.
    func missing(at now: Timestamp) -> Int {
        survey?.missing(at: now, retentionDays: retentionDays).count ?? 0
    }

    /// Partitions that have expired and are still there.
    func expired(at now: Timestamp) -> Int {
        survey?.expired(at: now, retentionDays: keptDays) ?? 0
    }

    func check(at now: Timestamp) -> HealthCheck {
        guard let survey else { return HealthCheck(.failed, "the partitions have not been looked at yet") }
        if let day = survey.lacking(at: now) {
            return HealthCheck(.failed, "no partition for fixes of \(day.text)\(why)")
        }
        let missing = survey.missing(at: now, retentionDays: retentionDays, ahead: Self.usualAhead)
        if isMaking, problem == nil, !missing.isEmpty {
            return HealthCheck(.ok, "\(survey.count) partitions; \(missing.count) days are being made")
        }
        if let first = missing.first {
            return behind("\(missing.count) days have no partition, the first is \(first.text)\(why)")
        }
        let expired = expired(at: now.advanced(by: .zero - Self.patience))
        if expired > 0, problem != nil {
            return behind("\(expired) expired partitions are still there\(why)")
        }
        return HealthCheck(.ok, "\(survey.count) partitions")
    }

    /// Another server may want more than this one.
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
            "harbor_partitions_made_total", Double(made), "Partitions of fixes that this server made.")
        collector.counter(
            "harbor_partitions_dropped_total", Double(dropped),
            "Expired partitions of fixes that this server dropped.")
        collector.counter(
            "harbor_partition_failures_total", Double(failures),
            "Runs of the partition keeper that left something undone.")
        moment(
            "harbor_partitions_last_success_timestamp_seconds", lastSuccess,
            "When the partition keeper last did all that was to do, Unix time.")
        guard let survey else { return }
        collector.gauge(
            "harbor_partitions", Double(survey.count), "Partitions of fixes, when last looked at.")
        collector.gauge(
            "harbor_partitions_missing", Double(missing(at: now)),
            "Days of the retention and the next 7 without a partition.")
        collector.gauge(
            "harbor_partitions_expired", Double(expired(at: now)),
            "Partitions past the retention that are still there.")
        moment(
            "harbor_partitions_oldest_timestamp_seconds", survey.oldest,
            "First moment that has a partition, Unix time.")
        moment(
            "harbor_partitions_newest_timestamp_seconds", survey.newest,
            "First moment after the last partition, Unix time.")
    }
}
