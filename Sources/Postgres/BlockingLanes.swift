internal import Dispatch
internal import Synchronization

/// Where libpq and the resolver may block: a few threads, so that one call that hangs does not hold up the others.
///
/// Each lane is a serial queue with a root of its own: a concurrent queue, or one on the global root, takes threads of
/// the pool that tasks run on, one for each call that hangs. Overflow policy: what finds every lane full is refused.
final class BlockingLanes: Sendable {
    /// Name look-ups, and the files that libpq reads, at the start of a connection.
    static let connects = BlockingLanes("harbor.postgres.connects", count: 4, depth: 64)
    /// Cancel requests, which connect by themselves.
    static let cancels = BlockingLanes("harbor.postgres.cancels", count: 4, depth: 8)

    private let lanes: [DispatchQueue]
    private let depth: Int
    private let loads: Mutex<[Int]>

    /// - Parameter depth: calls on one lane, the one under way too.
    init(_ label: String, count: Int, depth: Int) {
        lanes = (0..<count).map { index in
            DispatchQueue(label: "\(label).\(index)", target: DispatchQueue(label: "\(label).root.\(index)"))
        }
        self.depth = depth
        loads = Mutex(Array(repeating: 0, count: count))
    }

    /// Runs `work` on the lane with the least to do.
    /// - Returns: false when it was refused.
    @discardableResult
    func run(_ work: @escaping @Sendable () -> Void) -> Bool {
        let lane = loads.withLock { [depth] loads -> Int? in
            guard let lane = loads.indices.min(by: { loads[$0] < loads[$1] }), loads[lane] < depth else {
                return nil
            }
            loads[lane] += 1
            return lane
        }
        guard let lane else { return false }
        lanes[lane].async { [self] in
            work()
            loads.withLock { $0[lane] -= 1 }
        }
        return true
    }
}
