internal import Supervision
internal import Synchronization

/// Keeps all but the migrator away from a database whose schema this binary may not work with.
///
/// Closed at first, until the schema was found to be current; closed again when a migration is applied that this binary
/// cannot live with.
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

    /// Returns once it is open, or closed; throws when the task is cancelled before.
    func wait(untilOpen isWanted: Bool) async throws {
        while true {
            let (isOpen, change) = state.withLock { ($0.isOpen, $0.change) }
            if isOpen == isWanted { return }
            try await change.value()
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
