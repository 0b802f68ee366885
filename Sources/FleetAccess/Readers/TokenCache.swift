package import StoreCache
package import Supervision

/// The live tokens of a store: known from a list while there are no more than `listed`, so that in an outage a token is
/// known that was not shown before, and a made-up one costs nothing.
///
/// What is held was read after the last change that was heard of, so it lets no token in that the store had revoked
/// before. Its component has to run.
package final class TokenCache: Sendable {
    /// Tokens held at most, the last used ones: some megabytes.
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

    /// A component that reads the list, at first and after each change.
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

    /// - Returns: false when it should be read again soon: the store did not answer, or a look-up beside it said otherwise.
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
