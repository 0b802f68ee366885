internal import Dispatch
package import EventLoops
internal import HarborFleet
internal import Metrics
internal import Processes
internal import Supervision

/// Computations that are too long for an event loop: at most `width` run at a time, on no loop, and a bounded number wait.
///
/// ```swift
/// let page = try await offLoop.run { FleetPage(snapshot).render() }
/// ```
package final class OffLoopWork: Sendable {
    /// More callers than `maximumWaiting` wait already. Retrying shortly may succeed.
    package struct Overloaded: Error {}

    static let metrics = [
        "harbor_off_loop_work": "Computations apart from the event loops that run or wait.",
        "harbor_off_loop_refused_total":
            "Computations apart from the event loops that were refused: too many waited already.",
    ]

    private let semaphore: AsyncSemaphore
    private let maximumWaiting: Int
    private let underWay = Meter(label: "harbor_off_loop_work")
    private let refused = Counter(label: "harbor_off_loop_refused_total")

    /// - Parameters:
    ///   - width: computations that run at a time; the rest of the server needs threads too.
    ///   - maximumWaiting: callers that may wait besides those.
    init(width: Int, maximumWaiting: Int = 1_024) {
        semaphore = AsyncSemaphore(permits: width)
        self.maximumWaiting = maximumWaiting
    }

    /// For what the loops' requests need and is too long for a loop: statuses, pages, lists. Their connections bound the number
    /// of callers.
    package convenience init(for loops: [EventLoop]) {
        self.init(width: FleetSnapshot.largeAtOnce(loops), maximumWaiting: .max)
    }

    /// Callers that wait now.
    var waiting: Int { semaphore.waiting }

    /// Runs `body` on a thread for long computations, in the order of the callers.
    /// - Throws: `Overloaded`, `CancellationError` for a caller that was cancelled while it waited, or what `body` throws.
    func run<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        guard semaphore.waiting < maximumWaiting else {
            refused.increment()
            throw Overloaded()
        }
        underWay.increment()
        defer { underWay.decrement() }
        return try await semaphore.withPermit {
            try await withTaskExecutorPreference(OffLoopExecutor.shared) {
                // A thread that a bound loop has started inherits that loop's core: long work must not stay there.
                ProcessorAffinity.release()
                return try await body()
            }
        }
    }
}

/// Threads for long computations: Swift's own pool has as many as there are cores, and look-ups, trackers and revocations
/// need those.
private final class OffLoopExecutor: TaskExecutor {
    static let shared = OffLoopExecutor()

    private let queue = DispatchQueue(label: "harbor.off-loop", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        // Never freed, so that the reference stays good.
        unsafe UnownedTaskExecutor(ordinary: self)
    }
}
