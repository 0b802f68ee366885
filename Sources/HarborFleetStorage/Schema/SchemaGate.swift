internal import Supervision
internal import Synchronization

/// Keeps everything except the migrator away from a database whose schema this binary must not use.
///
/// The gate is closed until the schema was found to be current. It closes again when a migration is applied with
/// which this binary cannot work.
package final class SchemaGate: Sendable {
    private struct State {
        var isOpen = false
        /// Fulfilled at the next change.
        var change = Promise<Void>()
    }

    private let state = Mutex(State())

    /// A closed gate.
    package init() {}

    var isOpen: Bool { state.withLock { $0.isOpen } }

    func set(isOpen: Bool) {
        let change = state.withLock { state -> Promise<Void>? in
            guard state.isOpen != isOpen else { return nil }
            defer { state = State(isOpen: isOpen) }
            return state.change
        }
        change?.fulfil(.success(()))
    }

    /// Waits until the gate is open, or closed, as wanted. Throws when the task is cancelled before.
    func wait(untilOpen isWanted: Bool) async throws {
        while true {
            let (isOpen, change) = state.withLock { ($0.isOpen, $0.change) }
            if isOpen == isWanted { return }
            try await change.value()
        }
    }

    /// Runs `body` while the gate is open, and cancels it when the gate closes. Ends only by throwing.
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
