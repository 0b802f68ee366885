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

    /// How many take fixes.
    package var count: Int { attached.count }
    /// The first moment that has a partition; nil when there is none.
    package var oldest: Timestamp? { attached.lazy.compactMap(\.start).min() }
    /// The first moment after the last partition.
    package var newest: Timestamp? { attached.lazy.compactMap(\.end).max() }

    /// Whether fixes of that day have a place.
    package func holds(_ day: PartitionDay) -> Bool { attached.contains { $0.holds(day) } }

    /// The days without a place, from the oldest that is kept to `ahead` days after today.
    package func missing(
        at now: Timestamp, retentionDays: Int, ahead: Int = daysAhead
    ) -> [PartitionDay] {
        PartitionPlan.wanted(at: now, retentionDays: retentionDays, ahead: ahead).filter { !holds($0) }
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

    /// Those that new statements see.
    var attached: [Partition] { partitions.filter { !$0.isDetaching } }
}
