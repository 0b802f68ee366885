import Synchronization

/// A value behind a lock. A test can wait for what the value becomes, without asking for it again and again.
///
///     let posts = Observed(0)
///     …                                                     // another task: posts.change { $0 += 1 }
///     let isEnough = await posts.wait(within: .seconds(20)) { $0 >= 60 }
package final class Observed<Value: Sendable>: Sendable {
    private struct Waiter {
        let condition: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var value: Value
        var lastID: UInt64 = 0
        var waiters: [UInt64: Waiter] = [:]
    }

    private let state: Mutex<State>

    package init(_ value: Value) { state = Mutex(State(value: value)) }

    package var value: Value { state.withLock { $0.value } }

    /// Changes the value, and wakes the waiters whose condition it now meets.
    @discardableResult
    package func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        let (result, woken) = state.withLock { state in
            let result = body(&state.value)
            let met = state.waiters.filter { $0.value.condition(state.value) }
            for id in met.keys { state.waiters[id] = nil }
            return (result, met.values.map(\.continuation))
        }
        for continuation in woken { continuation.resume(returning: true) }
        return result
    }

    /// Returns once the value meets a condition, or the task is cancelled, as by a test's time limit.
    /// - Parameter condition: called under the lock, at each change.
    /// - Returns: whether the condition was met.
    @discardableResult
    package func wait(until condition: @escaping @Sendable (Value) -> Bool) async -> Bool {
        let id = state.withLock { state in
            state.lastID &+= 1
            return state.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                add(Waiter(condition: condition, continuation: continuation), id)
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
            waiter?.continuation.resume(returning: false)
        }
    }

    /// Like `wait(until:)`, but gives up after `limit`.
    package func wait(
        within limit: Duration, until condition: @escaping @Sendable (Value) -> Bool
    ) async -> Bool {
        await withTaskGroup(of: Bool.self) { tasks in
            tasks.addTask { await self.wait(until: condition) }
            tasks.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? false
        }
    }

    private func add(_ waiter: Waiter, _ id: UInt64) {
        let isMet = state.withLock { state -> Bool? in
            if waiter.condition(state.value) { return true }
            // Cancelled before it was added: `onCancel` has not found it.
            if Task.isCancelled { return false }
            state.waiters[id] = waiter
            return nil
        }
        if let isMet { waiter.continuation.resume(returning: isMet) }
    }
}
