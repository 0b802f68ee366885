internal import Synchronization

/// An asynchronous semaphore: at most `width` holders at a time, the others wait in the order in which they came.
///
/// Each `enter` needs a `leave`, and the caller bounds the line.
package final class Turnstile: Sendable {
    private struct State {
        var free: Int
        var line: [CheckedContinuation<Void, Never>] = []
        /// Those before it in `line` have gone in.
        var first = 0

        var waiting: Int { line.count - first }

        /// Who goes in for the one who left; nil when nobody waits.
        mutating func next() -> CheckedContinuation<Void, Never>? {
            guard first < line.count else {
                free += 1
                return nil
            }
            defer {
                first += 1
                // Moved up only when half of it is gone: constant time on the whole.
                if first * 2 >= line.count {
                    line.removeFirst(first)
                    first = 0
                }
            }
            return line[first]
        }
    }

    private let state: Mutex<State>

    package init(width: Int) {
        state = Mutex(State(free: max(width, 1)))
    }

    /// Callers in line now.
    package var waiting: Int { state.withLock { $0.waiting } }

    package func enter() async {
        await withCheckedContinuation { continuation in
            let goesIn = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.line.append(continuation)
                return false
            }
            if goesIn { continuation.resume() }
        }
    }

    package func leave() {
        let next = state.withLock { $0.next() }
        next?.resume()
    }
}
