internal import Synchronization

/// An asynchronous semaphore: it gives out at most `permits`, and callers without one wait in the order in which they
/// came.
///
/// The number of waiting callers is not bounded here: the caller bounds it.
package final class AsyncSemaphore: Sendable {
    private struct State {
        var free: Int
        var queue: [CheckedContinuation<Void, Never>] = []
        /// Those before it in `queue` have their permits.
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
                // Moved up only when half of it is gone: constant time on the whole.
                if first * 2 >= queue.count {
                    queue.removeFirst(first)
                    first = 0
                }
            }
            return queue[first]
        }
    }

    private let state: Mutex<State>

    /// A semaphore with `permits` (at least 1) to give out.
    package init(permits: Int) {
        state = Mutex(State(free: max(permits, 1)))
    }

    /// How many callers wait for a permit.
    package var waiting: Int { state.withLock { $0.waiting } }

    /// Takes a permit, to be given back with `release`. Cancellation does not end the wait.
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

    /// Gives a permit back.
    package func release() {
        let next = state.withLock { $0.next() }
        next?.resume()
    }

    /// Runs `body` with a permit.
    ///
    /// - Throws: `CancellationError` when the task was cancelled before it got one; what `body` throws.
    package func withPermit<Value>(_ body: () async throws -> Value) async throws -> Value {
        await acquire()
        defer { release() }
        try Task.checkCancellation()
        return try await body()
    }
}
