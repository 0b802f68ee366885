package import Supervision
internal import Synchronization

/// Looks tokens up in a store, and while that is away in memory: so one that nobody has shown lately is known in an
/// outage, too.
///
/// What is held was read after the last change that was heard of. So it lets nobody in whom the store had turned away
/// as long as it could be asked: one that is merely busy is no reason to go by memory. It refuses nobody: a token that is not held may be new. Its component has to run.
package final class TokenRoster: Sendable {
    /// Tokens held at most, the last used ones: some megabytes.
    static let capacity = 10_000
    private static let retryDelay: Duration = .seconds(1)

    private struct State {
        var tokens: [[UInt8]: Token] = [:]
        /// Rises with each change that is heard of.
        var changes: UInt64 = 0
    }

    private let store: any TokenStore
    private let clock: any SupervisionClock
    private let state = Mutex(State())
    /// One message means: there was a change. A full box says so already.
    private let wakeUps = Mailbox<Void>(capacity: 1)

    package init(store: any TokenStore, clock: any SupervisionClock = SystemSupervisionClock()) {
        self.store = store
        self.clock = clock
    }

    /// The live token of that SHA-256, as `TokenStore.token(hash:)`. It may have expired while the store is away.
    package func token(hash: [UInt8]) async throws(StoreError) -> Token? {
        do throws(StoreError) {
            return try await store.token(hash: hash)
        } catch {
            guard error.kind == .unavailable, !error.isBusy, let held = state.withLock({ $0.tokens[hash] })
            else {
                throw error
            }
            return held
        }
    }

    /// Tokens may have changed: lets go of all, and has them read again.
    package func revisionChanged() {
        state.withLock { state in
            state.changes &+= 1
            state.tokens = [:]
        }
        _ = wakeUps.send(())
    }

    /// A component that reads the tokens, at first and after each change.
    package var spec: ChildSpec {
        ChildSpec(id: "token-roster") { [self] context in
            context.ready()
            try await run()
        }
    }

    /// How many are held.
    package var count: Int { state.withLock { $0.tokens.count } }

    /// Reads until the task is cancelled.
    package func run() async throws {
        while true {
            let isRead = await read()
            try await clock.sleep(until: isRead ? nil : clock.now() + Self.retryDelay, wokenBy: wakeUps)
        }
    }

    /// - Returns: whether the store answered.
    private func read() async -> Bool {
        let changes = state.withLock { $0.changes }
        do throws(StoreError) {
            let tokens = try await store.liveTokens(atMost: Self.capacity)
            state.withLock { state in
                // An answer from before a change must not outlive it; then there is a message, too.
                if state.changes == changes { state.tokens = tokens }
            }
            return true
        } catch {
            return false
        }
    }
}
