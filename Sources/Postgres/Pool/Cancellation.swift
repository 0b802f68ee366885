internal import Synchronization

/// Waits for the current task to be cancelled.
enum Cancellation {
    static func wait() async {
        let gate = Gate()
        await withTaskCancellationHandler {
            await withCheckedContinuation { gate.wait($0) }
        } onCancel: {
            gate.open()
        }
    }

    /// Opened once; who waits goes on then, or at once when it is open already.
    private final class Gate: Sendable {
        private let state = Mutex<(isOpen: Bool, waiter: CheckedContinuation<Void, Never>?)>((false, nil))

        func wait(_ continuation: CheckedContinuation<Void, Never>) {
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiter = continuation }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }

        func open() {
            let waiter = state.withLock { state in
                state.isOpen = true
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }
}
