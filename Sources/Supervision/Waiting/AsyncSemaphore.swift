internal import Synchronization

/// An asynchronous semaphore. At most `permits` callers hold a permit at a time, and the others wait in the order of
/// their calls.
///
/// It does not bound the number of waiting callers. Its users must do that.
package final class AsyncSemaphore: Sendable {
    private struct State {
        var free: Int
        var queue: [CheckedContinuation<Void, Never>] = []
        /// The index of the first waiter. Those before it in `queue` have got their permits.
        var first = 0

        var waiting: Int { queue.count - first }

        /// The waiter that gets a returned permit; nil when none waits.
        mutating func next() -> CheckedContinuation<Void, Never>? {
            guard first < queue.count else {
                free += 1
                return nil
            }
            defer {
                first += 1
                // Move the queue up only when half of it is used, so that the amortised cost is constant.
                if first * 2 >= queue.count {
                    queue.removeFirst(first)
                    first = 0
                }
            }
            return queue[first]
        }
    }

    private let state: Mutex<State>

    /// Makes a semaphore with `permits` permits, at least 1.
    package init(permits: Int) {
        state = Mutex(State(free: max(permits, 1)))
    }

    /// The number of callers that wait for a permit.
    package var waiting: Int { state.withLock { $0.waiting } }

    /// Takes a permit, which the caller must give back with `release`. Cancellation does not end the wait.
    package func acquire() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.queue.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Gives a permit back, to the first waiting caller if there is one.
    package func release() {
        let next = state.withLock { $0.next() }
        next?.resume()
    }

    /// Runs `body` with a permit.
    ///
    /// - Throws: `CancellationError` when the task was cancelled before it got a permit; what `body` throws.
    package func withPermit<Value>(_ body: () async throws -> Value) async throws -> Value {
        await acquire()
        defer { release() }
        try Task.checkCancellation()
        return try await body()
    }
}
