import Synchronization

/// How many servers the tests of one process run at a time. Tests begin all at once, and each loop of a server is a
/// thread, of which libdispatch makes 255 at most: a loop that gets none never starts, and its test waits for ever.
///
/// ```swift
/// await TestSlots.servers.enter()
/// defer { TestSlots.servers.leave() }
/// ```
package final class TestSlots: Sendable {
    /// For servers with a loop or two.
    package static let servers = TestSlots(count: 32)

    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(free: count))
    }

    /// Returns when a slot is free, which is taken then.
    package func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    /// Gives a slot back.
    package func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
