internal import HarborFleet

/// Decides which partitions must be created. A value.
struct PartitionPlan: Equatable {
    /// How long a day is kept after it has left the retention: a fix from its last moment may be about to be
    /// committed, and the clocks of two servers differ.
    static let grace: Duration = .seconds(3_600)

    /// The missing days that can be created: first yesterday to tomorrow, which most fixes belong to, then the
    /// others from the newest to the oldest.
    let missing: [PartitionDay]
    /// The days that cannot be created because a partition made by hand covers a part of them.
    let blocked: [PartitionDay]
    /// Partitions of wanted days whose detach was begun but not ended. It must end before the day can be attached
    /// again.
    let halfDetached: [PartitionSurvey.Partition]

    init(_ survey: PartitionSurvey, now: Timestamp, retentionDays: Int) {
        let wanted = Self.wanted(at: now, retentionDays: retentionDays, ahead: PartitionSurvey.daysAhead)
        let detaching = survey.partitions.filter(\.isDetaching)
        let without = wanted.filter { day in
            !survey.holds(day) && !detaching.contains { $0.overlaps(day) }
        }
        blocked = without.filter(survey.overlaps)
        missing = Self.mostUrgentFirst(without.filter { !survey.overlaps($0) }, now)
        halfDetached = detaching.filter { partition in wanted.contains { partition.overlaps($0) } }
    }

    private static func mostUrgentFirst(_ days: [PartitionDay], _ now: Timestamp) -> [PartitionDay] {
        let needed = needed(at: now)
        return days.filter(needed.contains) + days.reversed().filter { !needed.contains($0) }
    }

    /// The days that a server needs to be ready. A vehicle that was offline at midnight sends fixes of yesterday,
    /// and one whose clock runs ahead sends fixes of tomorrow.
    static func needed(at now: Timestamp) -> ClosedRange<PartitionDay> {
        let today = PartitionDay(of: now).daysSince1970
        return PartitionDay(daysSince1970: today - 1)...PartitionDay(daysSince1970: today + 1)
    }

    /// The days that fixes may belong to: those of the retention and the next `ahead` days.
    static func wanted(at now: Timestamp, retentionDays: Int, ahead: Int) -> [PartitionDay] {
        let first = first(at: now, retentionDays: retentionDays).daysSince1970
        let last = PartitionDay(of: now).daysSince1970 + max(ahead, 0)
        return (first...max(first, last)).map(PartitionDay.init(daysSince1970:))
    }

    /// The first day that must not be dropped.
    static func firstKept(at now: Timestamp, retentionDays: Int) -> PartitionDay {
        first(at: now.advanced(by: .zero - grace), retentionDays: retentionDays)
    }

    /// The first day that must not be dropped, by the limits of `horizon`.
    static func firstKept(by horizon: RetentionHorizon) -> PartitionDay {
        firstKept(at: horizon.now, retentionDays: horizon.fixDays)
    }

    /// The day of the oldest fix that is kept. Fixes before that one on the same day are kept with it.
    private static func first(at now: Timestamp, retentionDays: Int) -> PartitionDay {
        PartitionDay(
            daysSince1970: PartitionDay(of: now).daysSince1970 - min(max(retentionDays, 1), 36_500))
    }
}
