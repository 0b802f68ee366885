package import HarborFleet

/// The partitions of `fixes` as the catalog had them at one moment. A value.
package struct PartitionSurvey: Sendable, Equatable {
    /// One of them. It need not be one day, nor have a day's name: somebody may have made it by hand.
    struct Partition: Sendable, Equatable {
        /// As SQL wants it: quoted where that is needed.
        var name: String
        /// Its first moment; nil without a lower bound.
        var start: Timestamp?
        /// The first moment after it; nil without an upper bound.
        var end: Timestamp?
        /// A detach of it was begun: new statements do not see it.
        var isDetaching = false

        /// The day that it is; nil when it is not exactly one.
        var day: PartitionDay? {
            guard let start, let end else { return nil }
            let day = PartitionDay(of: start)
            return day.start == start && day.next.start == end ? day : nil
        }

        func holds(_ day: PartitionDay) -> Bool {
            (start ?? day.start) <= day.start && (end ?? day.next.start) >= day.next.start
        }

        /// Whether none of its fixes is of `day` or later.
        func ends(before day: PartitionDay) -> Bool { end.map { $0 <= day.start } ?? false }

        func overlaps(_ day: PartitionDay) -> Bool {
            (start ?? day.start) < day.next.start && (end ?? day.next.start) > day.start
        }
    }

    /// Days made ahead, so that a server that runs on without its keeper can still write.
    package static let daysAhead = 7

    let partitions: [Partition]
    /// Those that new statements see.
    let attached: [Partition]
    /// The days that have a partition of their own, of those that new statements see.
    private let days: Set<PartitionDay>
    /// The others, which somebody made by hand. With years of retention it must not be looked through all for each day.
    private let irregular: [Partition]

    init(partitions: [Partition]) {
        self.partitions = partitions
        attached = partitions.filter { !$0.isDetaching }
        days = Set(attached.compactMap(\.day))
        irregular = attached.filter { $0.day == nil }
    }

    /// How many take fixes.
    package var count: Int { attached.count }
    /// The first moment that has a partition; nil when there is none.
    package var oldest: Timestamp? { attached.lazy.compactMap(\.start).min() }
    /// The first moment after the last partition.
    package var newest: Timestamp? { attached.lazy.compactMap(\.end).max() }

    /// Whether fixes of that day have a place.
    package func holds(_ day: PartitionDay) -> Bool {
        days.contains(day) || irregular.contains { $0.holds(day) }
    }

    /// Whether a partition made by hand has a part of that day.
    func overlaps(_ day: PartitionDay) -> Bool {
        days.contains(day) || irregular.contains { $0.overlaps(day) }
    }

    /// The days without a place, from the oldest that is kept to `ahead` days after today.
    package func missing(
        at now: Timestamp, retentionDays: Int, ahead: Int = daysAhead
    ) -> [PartitionDay] {
        PartitionPlan.wanted(at: now, retentionDays: retentionDays, ahead: ahead).filter { !holds($0) }
    }

    /// The first of the days from yesterday to tomorrow that has no place: fixes are of these as a rule.
    package func lacking(at now: Timestamp) -> PartitionDay? {
        let needed = PartitionPlan.needed(at: now)
        return [needed.lowerBound, needed.lowerBound.next, needed.upperBound].first { !holds($0) }
    }

    /// How many are expired and still there.
    package func expired(at now: Timestamp, retentionDays: Int) -> Int {
        expired(before: PartitionPlan.firstKept(at: now, retentionDays: retentionDays)).count
    }

    /// Partitions of which every moment lies before `first`, the oldest first. Also those made by hand: no fix is kept
    /// for longer than was promised.
    func expired(before first: PartitionDay) -> [Partition] {
        attached.filter { $0.ends(before: first) }.sorted {
            ($0.end ?? first.start) < ($1.end ?? first.start)
        }
    }
}
