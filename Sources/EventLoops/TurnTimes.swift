internal import Synchronization

/// How many of a loop's turns took how much CPU time, since its start. The loop counts, any thread reads.
///
/// Counting is a load and a store: one thread alone writes.
package final class TurnTimes: Sendable {
    /// The upper bounds of the buckets, nanoseconds; one more bucket is above them all.
    package static let bounds: [Int64] = [
        100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000,
        100_000_000, 250_000_000, 500_000_000, 1_000_000_000,
    ]
    private static var capacity: Int { 14 }

    private let counts = InlineArray<14, Atomic<UInt64>> { _ in Atomic(0) }
    private let sum = Atomic<UInt64>(0)

    init() {}

    /// The number of turns in each bucket, not cumulative.
    package var buckets: [UInt64] { (0..<Self.capacity).map { counts[$0].load(ordering: .relaxed) } }

    /// The CPU time of all turns, nanoseconds.
    package var nanoseconds: UInt64 { sum.load(ordering: .relaxed) }

    /// Counts a turn. On the loop only.
    func count(_ nanoseconds: Int64) {
        // Nearly all turns are in the first bucket.
        let bucket =
            nanoseconds <= 100_000 ? 0 : Self.bounds.firstIndex { nanoseconds <= $0 } ?? Self.bounds.count
        counts[bucket].store(counts[bucket].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        sum.store(sum.load(ordering: .relaxed) &+ UInt64(clamping: nanoseconds), ordering: .relaxed)
    }
}

/// A kind of work that a loop does, such as a route's: names what made a turn long.
package final class TurnWork: Sendable {
    package let name: String

    /// - Parameter name: one of few, since logs are limited by it.
    package init(_ name: String) {
        self.name = name
    }
}

/// A turn that held up its loop.
package struct LongTurn: Sendable {
    /// Turns of less CPU time are not told of.
    package static let leastNanoseconds: Int64 = 50_000_000

    /// The loop's label.
    package let loop: String
    /// CPU time, nanoseconds.
    package let cpuNanoseconds: Int64
    /// From the turn's begin to its end, nanoseconds.
    package let elapsedNanoseconds: Int64
    /// The last work that the turn began, see `EventLoop.begins`; nil when it named none.
    package let work: String?

    package init(loop: String, cpuNanoseconds: Int64, elapsedNanoseconds: Int64, work: String?) {
        self.loop = loop
        self.cpuNanoseconds = cpuNanoseconds
        self.elapsedNanoseconds = elapsedNanoseconds
        self.work = work
    }
}
