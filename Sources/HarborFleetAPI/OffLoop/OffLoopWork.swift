internal import Dispatch
package import EventLoops
internal import HarborFleet
internal import Metrics
internal import Processes
internal import Supervision

/// Runs computations that are too long for an event loop: at most `width` at a time, off the loops; a bounded
/// number may wait.
///
/// ```swift
/// let page = try await offLoop.run { FleetPage(snapshot).render() }
/// ```
package final class OffLoopWork: Sendable {
    /// Thrown when `maximumWaiting` callers wait already. A retry after a short while may succeed.
    package struct Overloaded: Error {}

    static let metrics = [
        "harbor_off_loop_work": "Computations off the event loops that run or wait.",
        "harbor_off_loop_refused_total":
            "Computations off the event loops that were refused because too many waited already.",
    ]

    private let semaphore: AsyncSemaphore
    private let maximumWaiting: Int
    private let underWay = Meter(label: "harbor_off_loop_work")
    private let refused = Counter(label: "harbor_off_loop_refused_total")

    /// - Parameters:
    ///   - width: computations that may run at a time; the rest of the server needs threads too.
    ///   - maximumWaiting: callers that may wait besides those that run.
    init(width: Int, maximumWaiting: Int = 1_024) {
        semaphore = AsyncSemaphore(permits: width)
        self.maximumWaiting = maximumWaiting
    }

    /// For what requests need and is too long for a loop: statuses, pages, lists. The number of connections
    /// bounds the number of callers.
    package convenience init(for loops: [EventLoop]) {
        self.init(width: FleetSnapshot.largeAtOnce(loops), maximumWaiting: .max)
    }

    /// Callers that wait now.
    var waiting: Int { semaphore.waiting }

    /// Runs `body` on a thread for long computations. Callers are served in their order.
    /// - Throws: `Overloaded`, `CancellationError` if the caller was cancelled while it waited, or what `body` throws.
    func run<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        guard semaphore.waiting < maximumWaiting else {
            refused.increment()
            throw Overloaded()
        }
        underWay.increment()
        defer { underWay.decrement() }
        return try await semaphore.withPermit {
            try await withTaskExecutorPreference(OffLoopExecutor.shared) {
                // A thread that a pinned loop has started inherits the loop's processor core: long work must not
                // stay on it.
                ProcessorAffinity.release()
                return try await body()
            }
        }
    }
}

/// Threads for long computations. Swift's own pool has only one thread per core, and look-ups, trackers and
/// revocations need those.
private final class OffLoopExecutor: TaskExecutor {
    static let shared = OffLoopExecutor()

    private let queue = DispatchQueue(label: "harbor.off-loop", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        // The executor is never freed, so that the unowned reference stays valid.
        unsafe UnownedTaskExecutor(ordinary: self)
    }
}
