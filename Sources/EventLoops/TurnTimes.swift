internal import Synchronization

/// A histogram of the CPU time of a loop's turns, since its start. The loop counts its turns, and any thread may read.
///
/// Counting needs only a load and a store, because only one thread writes.
package final class TurnTimes: Sendable {
    /// The upper bounds of the buckets, in nanoseconds. There is one more bucket for all longer turns.
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

    /// The CPU time of all turns, in nanoseconds.
    package var nanoseconds: UInt64 { sum.load(ordering: .relaxed) }

    /// Counts a turn. Call it on the loop only.
    func count(_ nanoseconds: Int64) {
        // Fast path: nearly all turns are in the first bucket.
        let bucket =
            nanoseconds <= 100_000 ? 0 : Self.bounds.firstIndex { nanoseconds <= $0 } ?? Self.bounds.count
        counts[bucket].store(counts[bucket].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        sum.store(sum.load(ordering: .relaxed) &+ UInt64(clamping: nanoseconds), ordering: .relaxed)
    }
}

/// A kind of work that a loop does, such as the requests of a route. Its name appears in the report of a long turn.
package final class TurnWork: Sendable {
    package let name: String

    /// - Parameter name: must be one of few values, because the log's rate limit keeps an entry for each.
    package init(_ name: String) {
        self.name = name
    }
}

/// A turn that held up its loop.
package struct LongTurn: Sendable {
    /// Turns of at most this much CPU time, in nanoseconds, are not reported: 50 ms.
    package static let leastNanoseconds: Int64 = 50_000_000

    /// The loop's label.
    package let loop: String
    /// The turn's CPU time, in nanoseconds.
    package let cpuNanoseconds: Int64
    /// The time from the turn's begin to its end, in nanoseconds.
    package let elapsedNanoseconds: Int64
    /// The name of the last work that the turn began, see `EventLoop.begins`; nil when it began none with a name.
    package let work: String?

    package init(loop: String, cpuNanoseconds: Int64, elapsedNanoseconds: Int64, work: String?) {
        self.loop = loop
        self.cpuNanoseconds = cpuNanoseconds
        self.elapsedNanoseconds = elapsedNanoseconds
        self.work = work
    }
}
