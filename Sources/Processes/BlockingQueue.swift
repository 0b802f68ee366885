internal import Dispatch

/// A labelled serial queue for blocking calls: child processes, sockets of the simulator, name look-ups, files. Swift's
/// tasks do not run on its thread, so a blocking call delays none of them.
package struct BlockingQueue: Sendable {
    private let queue: DispatchQueue

    package init(label: String) {
        queue = DispatchQueue(label: label, target: DispatchQueue(label: label + ".root"))
    }

    /// Runs `work` after all earlier work, and returns its result. The task's cancellation does not end the wait.
    package func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            queue.async {
                // If a bound loop has started this thread, the thread is bound, too, and so would be the processes
                // that it starts, such as PostgreSQL.
                ProcessorAffinity.release()
                continuation.resume(returning: work())
            }
        }
    }

    /// The same for work that may throw.
    package func runThrowing<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws
        -> Value
    {
        try await run { Result(catching: work) }.get()
    }
}
