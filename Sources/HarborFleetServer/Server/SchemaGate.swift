internal import Supervision
internal import Synchronization

/// Keeps everybody but the migrator away from a database whose schema this binary may not work with.
///
/// Closed at first, until the schema was found to be current; closed again when somebody applies a migration that this
/// binary cannot live with.
final class SchemaGate: Sendable {
    private struct State {
        var isOpen = false
        var lastWatcher = 0
        var watchers: [Int: Signal] = [:]
    }

    private let state = Mutex(State())

    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Opens or closes it.
    /// - Returns: whether it was the other way before.
    @discardableResult
    func set(isOpen: Bool) -> Bool {
        let watchers = state.withLock { state -> [Signal]? in
            guard state.isOpen != isOpen else { return nil }
            state.isOpen = isOpen
            return Array(state.watchers.values)
        }
        for watcher in watchers ?? [] { watcher.raise() }
        return watchers != nil
    }

    /// Returns once it is open, or closed; throws when the task is cancelled before.
    func wait(untilOpen isWanted: Bool) async throws {
        let changes = Signal()
        let id = state.withLock { state in
            state.lastWatcher &+= 1
            state.watchers[state.lastWatcher] = changes
            return state.lastWatcher
        }
        defer { state.withLock { state in state.watchers[id] = nil } }
        while isOpen != isWanted {
            _ = await changes.wait()
            try Task.checkCancellation()
        }
    }

    /// Runs `body` whenever it is open, and cancels it when it is closed. Ends by throwing.
    func runWhileOpen(_ body: @escaping @Sendable () async throws -> Void) async throws {
        while true {
            try await wait(untilOpen: true)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await body() }
                group.addTask { try await self.wait(untilOpen: false) }
                defer { group.cancelAll() }
                try await group.next()
            }
            try Task.checkCancellation()
        }
    }
}
