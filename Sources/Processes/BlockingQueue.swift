internal import Dispatch

/// A labelled serial queue for calls that block: a child process, sockets of the simulator, name look-ups,
/// files. Its thread is not one of those that tasks run on.
package struct BlockingQueue: Sendable {
    private let queue: DispatchQueue

    package init(label: String) {
        queue = DispatchQueue(label: label, target: DispatchQueue(label: label + ".root"))
    }

    /// Runs `work` behind all that was given before, and returns its result; a cancelled task waits for it all
    /// the same.
    package func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            queue.async {
                // A bound loop may have started this thread, and what it starts, PostgreSQL say, would be bound as well.
                ProcessorAffinity.release()
                continuation.resume(returning: work())
            }
        }
    }

    /// The same for work that can fail.
    package func runThrowing<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws
        -> Value
    {
        try await run { Result(catching: work) }.get()
    }
}
