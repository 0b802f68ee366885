package import HarborFleet

/// The partitions of `fixes` as the catalog listed them at one time. A value.
package struct PartitionSurvey: Sendable, Equatable {
    /// One partition. It may cover another period than a day, and have another name: an operator may have created
    /// it by hand.
    struct Partition: Sendable, Equatable {
        /// The name as SQL needs it, quoted where necessary.
        var name: String
        /// The start of the partition; nil without a lower bound.
        var start: Timestamp?
        /// The first moment after the partition; nil without an upper bound.
        var end: Timestamp?
        /// Whether a detach of the partition was begun; new statements then do not see it.
        var isDetaching = false

        /// The day that the partition covers; nil when it does not cover exactly one day.
        var day: PartitionDay? {
            guard let start, let end else { return nil }
            let day = PartitionDay(of: start)
            return day.start == start && day.next.start == end ? day : nil
        }

        func holds(_ day: PartitionDay) -> Bool {
            (start ?? day.start) <= day.start && (end ?? day.next.start) >= day.next.start
        }

        /// Whether all its fixes are from before `day`.
        func ends(before day: PartitionDay) -> Bool { end.map { $0 <= day.start } ?? false }

        func overlaps(_ day: PartitionDay) -> Bool {
            (start ?? day.start) < day.next.start && (end ?? day.next.start) > day.start
        }
    }

    /// How many days ahead partitions are created, so that a server can still write when its keeper fails for some
    /// days.
    package static let daysAhead = 7

    let partitions: [Partition]
    /// The partitions that new statements see.
    let attached: [Partition]
    /// The days with a partition of their own among `attached`.
    private let days: Set<PartitionDay>
    /// The other attached partitions, which were created by hand. Kept apart, because with years of retention a
    /// search through all partitions for each day would take too long.
    private let irregular: [Partition]

    init(partitions: [Partition]) {
        self.partitions = partitions
        attached = partitions.filter { !$0.isDetaching }
        days = Set(attached.compactMap(\.day))
        irregular = attached.filter { $0.day == nil }
    }

    /// The number of partitions that accept fixes.
    package var count: Int { attached.count }
    /// The start of the oldest partition; nil when there is none.
    package var oldest: Timestamp? { attached.lazy.compactMap(\.start).min() }
    /// The end of the newest partition: the first moment after it.
    package var newest: Timestamp? { attached.lazy.compactMap(\.end).max() }

    /// Whether a partition covers that whole day.
    package func holds(_ day: PartitionDay) -> Bool {
        days.contains(day) || irregular.contains { $0.holds(day) }
    }

    /// Whether a partition covers that day or a part of it.
    func overlaps(_ day: PartitionDay) -> Bool {
        days.contains(day) || irregular.contains { $0.overlaps(day) }
    }

    /// The days without a partition, from the oldest that is kept to `ahead` days after today.
    package func missing(
        at now: Timestamp, retentionDays: Int, ahead: Int = daysAhead
    ) -> [PartitionDay] {
        PartitionPlan.wanted(at: now, retentionDays: retentionDays, ahead: ahead).filter { !holds($0) }
    }

    /// The first day without a partition from yesterday to tomorrow, the days that most fixes belong to.
    package func lacking(at now: Timestamp) -> PartitionDay? {
        let needed = PartitionPlan.needed(at: now)
        return [needed.lowerBound, needed.lowerBound.next, needed.upperBound].first { !holds($0) }
    }

    /// The number of expired partitions that still exist.
    package func expired(at now: Timestamp, retentionDays: Int) -> Int {
        expired(before: PartitionPlan.firstKept(at: now, retentionDays: retentionDays)).count
    }

    /// The partitions that lie entirely before `first`, oldest first. They include those created by hand: no fix is
    /// kept longer than promised.
    func expired(before first: PartitionDay) -> [Partition] {
        attached.filter { $0.ends(before: first) }.sorted {
            ($0.end ?? first.start) < ($1.end ?? first.start)
        }
    }
}
