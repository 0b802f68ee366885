internal import Dispatch

/// Where libpq may block. Each queue is serial and has a root of its own: a concurrent one, or one on the global
/// root, takes threads of the pool that tasks run on, one for each call that hangs.
enum BlockingQueue {
    /// Name look-ups at the start of a connection.
    static let connects = make("harbor.postgres.connects")
    /// Cancel requests, which connect by themselves; a look-up that hangs must not hold them up.
    static let cancels = make("harbor.postgres.cancels")

    private static func make(_ label: String) -> DispatchQueue {
        DispatchQueue(label: label, target: DispatchQueue(label: label + ".root"))
    }
}
