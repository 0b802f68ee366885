internal import HarborFleet
internal import HarborFleetAPI
internal import HarborFleetStorage

/// What the keeper of partitions found and did, and whether that is enough. A value.
///
/// Partitions are made a week ahead, so a run that fails once, when the database is away or a lock is held, harms
/// nobody. Expired ones that are still there cost disk and nothing else: they do not make the server less ready.
struct PartitionSupply: Sendable, Equatable {
    /// Days ahead that are there unless the keeper has failed for a day.
    private static let usualAhead = PartitionSurvey.daysAhead - 1
    /// How long expired partitions may stay before somebody should look.
    private static let patience: Duration = .seconds(86_400)

    let retentionDays: Int
    /// nil until the keeper has looked.
    private(set) var survey: PartitionSurvey?
    /// What deletions by age go by; nil until the keeper has asked, and until then nothing is deleted.
    private(set) var horizon: RetentionHorizon?
    private(set) var made = 0
    private(set) var dropped = 0
    private(set) var failures = 0
    /// When all that was to do was done.
    private(set) var lastSuccess: Timestamp?
    /// What the last run left undone, and why; nil when it did everything.
    private(set) var problem: String?

    private var isMaking = false

    init(retentionDays: Int) {
        self.retentionDays = retentionDays
    }

    /// The keeper has looked.
    mutating func found(_ survey: PartitionSurvey) {
        self.survey = survey
    }

    /// The keeper has asked what may be deleted.
    mutating func found(_ horizon: RetentionHorizon) {
        self.horizon = horizon
    }

    /// The keeper makes what is missing, the newest days first.
    mutating func makes() { isMaking = true }

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

    /// Whether fixes that may come now have no place, so that the keeper is not to wait for its next run.
    func isShort(at now: Timestamp) -> Bool {
        survey.map { $0.lacking(at: now) != nil } ?? true
    }

    /// Days of the retention and the next 7 without a partition.
    func missing(at now: Timestamp) -> Int {
        survey?.missing(at: now, retentionDays: retentionDays).count ?? 0
    }

    /// Partitions that are to go and are still there.
    func expired(at now: Timestamp) -> Int {
        survey?.expired(at: now, retentionDays: keptDays) ?? 0
    }

    func check(at now: Timestamp) -> ReadinessCheck {
        guard let survey else { return ReadinessCheck(.failed, "the partitions have not been looked at yet") }
        if let day = survey.lacking(at: now) {
            return ReadinessCheck(.failed, "no partition for fixes of \(day.text)\(why)")
        }
        let missing = survey.missing(at: now, retentionDays: retentionDays, ahead: Self.usualAhead)
        if isMaking, problem == nil, !missing.isEmpty {
            return ReadinessCheck(.ok, "\(survey.count) partitions; \(missing.count) days are being made")
        }
        if let first = missing.first {
            return behind("\(missing.count) days have no partition, the first is \(first.text)\(why)")
        }
        let expired = expired(at: now.advanced(by: .zero - Self.patience))
        if expired > 0, problem != nil {
            return behind("\(expired) expired partitions are still there\(why)")
        }
        return ReadinessCheck(.ok, "\(survey.count) partitions")
    }

    /// Another server may want more than this one.
    private var keptDays: Int { max(retentionDays, horizon?.fixDays ?? 0) }

    private var why: String { problem.map { "; the last run failed: \($0)" } ?? "" }

    private func behind(_ detail: String) -> ReadinessCheck {
        ReadinessCheck(.failed, detail, isRequired: false)
    }
}
