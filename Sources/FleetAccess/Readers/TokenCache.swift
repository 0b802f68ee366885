package import StoreCache
package import Supervision

/// Caches the valid tokens of a store, from a list while there are fewer than `capacity`. So a token that was never
/// presented is known even in an outage, and a made-up one costs nothing.
///
/// Everything in the cache was read after the last known change, so it accepts no token that the store had revoked
/// before. The server must run its component.
package final class TokenCache: Sendable {
    /// The maximum number of tokens, the most recently used ones: some megabytes.
    package static let capacity = 10_000
    private static let retryDelay: Duration = .seconds(1)

    package let tokens: RevisionedCache<[UInt8], Token>
    private let store: any TokenStore
    private let clock: any SupervisionClock
    private let changes = Signal()

    package init(
        store: any TokenStore, coldLane: ColdLane, revision: RevisionClock,
        clock: any SupervisionClock = SystemSupervisionClock()
    ) {
        self.store = store
        self.clock = clock
        var rules = RevisionedCacheRules()
        rules.values = Self.capacity
        tokens = RevisionedCache(rules: rules, coldLane: coldLane, revision: revision, clock: clock) {
            hashes async throws(StoreError) in try await store.tokens(hashes: hashes)
        }
        revision.onChange { [changes] in changes.raise() }
    }

    /// A component that reads the list at the start and after each change.
    package var spec: ChildSpec {
        ChildSpec(id: "token-list") { [self] context in
            context.ready()
            try await run()
        }
    }

    /// Reads until the task is cancelled.
    package func run() async throws {
        try await PeriodicJob(wokenBy: changes, clock: clock).run {
            await read() ? .atSignal : .after(Self.retryDelay)
        }
    }

    /// - Returns: false when the list must be read again soon: the store did not respond, or a concurrent look-up
    ///   contradicted the list.
    private func read() async -> Bool {
        do throws(StoreError) {
            var isWhole = true
            _ = try await tokens.load { () async throws(StoreError) in
                let list = try await store.liveTokens(atMost: Self.capacity)
                isWhole = list.count < Self.capacity
                return (list, isWhole)
            }
            return tokens.isComplete || !isWhole
        } catch {
            return false
        }
    }
}
