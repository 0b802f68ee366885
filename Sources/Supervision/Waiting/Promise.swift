import Synchronization

/// A result that arrives once and that many tasks may wait for.
package final class Promise<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var lastWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Value, any Error>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Gives the result to all present and later waiters. Any later result is ignored.
    package func fulfil(_ result: Result<Value, any Error>) {
        let waiters = state.withLock { state in
            guard state.result == nil else { return [UInt64: CheckedContinuation<Value, any Error>]() }
            state.result = result
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(with: result) }
    }

    /// Waits for the result and returns it, or throws its error.
    /// - Throws: also `CancellationError` when the task is cancelled before.
    package func value() async throws -> Value {
        let waiter = state.withLock { state in
            state.lastWaiter &+= 1
            return state.lastWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait($0, as: waiter) }
        } onCancel: {
            let continuation = state.withLock { $0.waiters.removeValue(forKey: waiter) }
            continuation?.resume(throwing: CancellationError())
        }
    }

    /// Cancellation is checked under the lock, so that it cannot be lost between the check and the wait.
    private func wait(_ continuation: CheckedContinuation<Value, any Error>, as waiter: UInt64) {
        let known = state.withLock { state -> Result<Value, any Error>? in
            if let result = state.result { return result }
            if Task.isCancelled { return .failure(CancellationError()) }
            state.waiters[waiter] = continuation
            return nil
        }
        if let known { continuation.resume(with: known) }
    }
}
