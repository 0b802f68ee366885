internal import HarborFleet

/// Which partitions are to be made. A value.
struct PartitionPlan: Equatable {
    /// How long a day that has left the retention is let be: a fix of its last moment may be about to be committed,
    /// and clocks of two servers differ.
    static let grace: Duration = .seconds(3_600)

    /// Days that nothing is in the way of: yesterday to tomorrow, which fixes are of as a rule, then the newest first.
    let missing: [PartitionDay]
    /// Days that a partition made by hand holds a part of, so that they cannot be made.
    let blocked: [PartitionDay]
    /// Partitions of wanted days whose detach was begun and not ended: it has to be, before they can be attached again.
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

    /// The days without which a server is not ready: a vehicle that was out of reach at midnight sends fixes of yesterday,
    /// one whose clock runs ahead of tomorrow.
    static func needed(at now: Timestamp) -> ClosedRange<PartitionDay> {
        let today = PartitionDay(of: now).daysSince1970
        return PartitionDay(daysSince1970: today - 1)...PartitionDay(daysSince1970: today + 1)
    }

    /// The days that fixes may be of: those of the retention and the next ones.
    static func wanted(at now: Timestamp, retentionDays: Int, ahead: Int) -> [PartitionDay] {
        let first = first(at: now, retentionDays: retentionDays).daysSince1970
        let last = PartitionDay(of: now).daysSince1970 + max(ahead, 0)
        return (first...max(first, last)).map(PartitionDay.init(daysSince1970:))
    }

    /// The first day that is not dropped.
    static func firstKept(at now: Timestamp, retentionDays: Int) -> PartitionDay {
        first(at: now.advanced(by: .zero - grace), retentionDays: retentionDays)
    }

    /// The first day that is not dropped.
    static func firstKept(by horizon: RetentionHorizon) -> PartitionDay {
        firstKept(at: horizon.now, retentionDays: horizon.fixDays)
    }

    /// The day of the oldest fix that is kept, which may lie in the middle of it.
    private static func first(at now: Timestamp, retentionDays: Int) -> PartitionDay {
        PartitionDay(
            daysSince1970: PartitionDay(of: now).daysSince1970 - min(max(retentionDays, 1), 36_500))
    }
}
