internal import Dispatch
internal import Processes
internal import Synchronization

/// A few threads on which libpq and the resolver may block, so that one call that hangs does not hold up the
/// others.
///
/// Each lane is a serial queue with a root queue of its own. A concurrent queue, or one on the global root, would
/// take threads from the pool that tasks run on, one for each call that hangs. Overflow policy: a call that finds
/// every lane full is refused.
final class BlockingLanes: Sendable {
    /// Name look-ups, and the files that libpq reads, when a connection starts.
    static let connects = BlockingLanes("harbor.postgres.connects", count: 4, depth: 64)
    /// Cancel requests, which open connections of their own.
    static let cancels = BlockingLanes("harbor.postgres.cancels", count: 4, depth: 8)

    private struct Loads {
        /// The calls on each lane, including the one in progress.
        var counts: [Int]
        /// When each lane last got a call while it was idle, or ended one, as an increasing number.
        var moves: [Int]
        var lastMove = 0

        mutating func reserve(depth: Int) -> Int? {
            let lane = counts.indices.min { (counts[$0], -moves[$0]) < (counts[$1], -moves[$1]) }
            guard let lane, counts[lane] < depth else { return nil }
            if counts[lane] == 0 { moved(lane) }
            counts[lane] += 1
            return lane
        }

        mutating func moved(_ lane: Int) {
            lastMove += 1
            moves[lane] = lastMove
        }

        mutating func ended(_ lane: Int) {
            counts[lane] -= 1
            moved(lane)
        }
    }

    private let lanes: [DispatchQueue]
    private let depth: Int
    private let loads: Mutex<Loads>

    /// - Parameter depth: the maximum number of calls on one lane, including the one in progress.
    init(_ label: String, count: Int, depth: Int) {
        lanes = (0..<count).map { index in
            DispatchQueue(label: "\(label).\(index)", target: DispatchQueue(label: "\(label).root.\(index)"))
        }
        self.depth = depth
        let none = Array(repeating: 0, count: count)
        loads = Mutex(Loads(counts: none, moves: none))
    }

    /// Runs `work` on the lane with the fewest calls. Among equals it takes the lane whose call started last,
    /// because that call is the least likely to hang.
    /// - Returns: false when the call was refused.
    @discardableResult
    func run(_ work: @escaping @Sendable () -> Void) -> Bool {
        guard let lane = loads.withLock({ $0.reserve(depth: depth) }) else { return false }
        lanes[lane].async { [self] in
            // This thread may have been started by an event loop that is bound to a processor, and then inherits
            // the binding.
            ProcessorAffinity.release()
            work()
            loads.withLock { $0.ended(lane) }
        }
        return true
    }
}
