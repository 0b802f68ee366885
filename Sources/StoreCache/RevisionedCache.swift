public import Supervision
public import Synchronization

/// Caches a store's values by key until the store's revision changes. May be used from any thread.
///
/// A known key needs no wait, even while the store is unavailable. All other work is bounded: one look-up per key
/// (single flight), in batches, and keys that may be made up only in the `ColdLane`. While a complete and fresh
/// list does not contain a key, the key is unknown without asking the store.
///
/// ```swift
/// switch cache.known(key) {
/// case .value(let value, _): …          // at once
/// case .absent: …
/// case .unsure: try await cache.value(for: key, askedBy: requester)
/// }
/// ```
public final class RevisionedCache<Key: Hashable & Sendable, Value: Equatable & Sendable>: Sendable {
    public typealias State = RevisionedCacheState<Key, Value>
    /// Reads from the store the values of those keys that it has.
    package typealias Source = @Sendable ([Key]) async throws(StoreError) -> [Key: Value]

    /// Whether the store certainly does not have a key, found out without asking it.
    package typealias Absence = @Sendable (Key) -> Bool

    private let source: Source
    private let coldLane: ColdLane
    private let revision: RevisionClock
    public let clock: any SupervisionClock
    private let isAbsent: Absence
    public let state: Mutex<State>
    /// The list that is being read, for callers that come before the first list.
    private let load = Mutex<Promise<Void>?>(nil)

    /// - Parameters:
    ///   - revision: signals changes, and shows whether a complete list is fresh.
    ///   - isAbsent: see `Absence`; called only when there is no room for a look-up.
    package init(
        rules: RevisionedCacheRules = RevisionedCacheRules(), coldLane: ColdLane, revision: RevisionClock,
        clock: any SupervisionClock = SystemSupervisionClock(),
        isAbsent: @escaping Absence = { _ in false }, source: @escaping Source
    ) {
        self.source = source
        self.coldLane = coldLane
        self.revision = revision
        self.clock = clock
        self.isAbsent = isAbsent
        state = Mutex(State(rules: rules))
        revision.onChange { [weak self] in self?.changed() }
    }

    /// The number of values that are held, and how many had to be dropped.
    package var use: CacheUse { state.withLock { $0.use } }
    /// Increases with every change. Must be read before the value that is stored with it.
    package var changes: UInt64 { state.withLock { $0.changes } }
    /// Increases whenever a value is added, removed or replaced.
    package var version: UInt64 { state.withLock { $0.version } }
    /// Every value that is not stale, in no particular order; nil before the first list.
    package var list: [Value]? { state.withLock { $0.wasListed ? $0.values : nil } }

    // MARK: Asking

    /// Returns what is known of a key, at once. Starts a refresh when the value is due for one. Public and
    /// inlinable, so that it is specialised where another target calls it for each POST.
    @inlinable public func known(_ key: Key) -> State.Known {
        let now = clock.now()
        let known = state.withLock { $0.known(key, now: now) }
        if case .value(_, isDue: true) = known { askAgain(key) }
        return known
    }

    public func askAgain(_ key: Key) {
        start(state.withLock { $0.asked(key, in: .warm) })
    }

    /// Whether the store certainly does not have a key, judged without asking it.
    package func isCertainlyAbsent(_ key: Key) -> Bool {
        guard revision.isFresh else { return false }
        switch known(key) {
        case .value: return false
        case .absent: return true
        case .unsure: return isComplete || isAbsent(key)
        }
    }

    /// Whether the store was asked for this key within the last `period`.
    package func wasAsked(_ key: Key, within period: Duration) -> Bool {
        let now = clock.now()
        return state.withLock { $0.wasAsked(key, within: period, now: now) }
    }

    /// Returns the value of a key, after a look-up if it is not known; nil when the store does not have it.
    /// - Parameter requester: the requester whose share of the cold lane an unknown key uses; nil when no
    ///   unauthenticated client can have made the key up.
    /// - Throws: `StoreError` `.unavailable`, also when there is no room and memory cannot decide, or when the caller
    ///   is cancelled. The look-up continues for other callers.
    package func value(for key: Key, askedBy requester: Requester?) async throws(StoreError) -> Value? {
        if requester != nil { await firstList() }
        return switch known(key) {
        case .value(let value, _): value
        case .absent: nil
        case .unsure: try await lookedUp(key, askedBy: requester, trustsHeld: true)
        }
    }

    /// Looks up the values of keys that no unauthenticated client can have made up and that are not known, in one
    /// batch.
    /// - Throws: as `value(for:askedBy:)`.
    package func values(for keys: [Key]) async throws(StoreError) -> [Key: Value] {
        let flights = state.withLock { state in keys.map { ($0, state.asked($0, in: .warm)) } }
        for (_, asked) in flights { start(asked) }
        var values: [Key: Value] = [:]
        for case (let key, .flight(let promised, _)) in flights {
            values[key] = try await outcome(of: promised)
        }
        return values
    }

    /// As `value(for:askedBy:)`, but asks the store even for a known key, in the cold lane.
    package func freshValue(for key: Key, askedBy requester: Requester) async throws(StoreError) -> Value? {
        try await lookedUp(key, askedBy: requester, trustsHeld: false)
    }

    /// - Parameter trustsHeld: whether a key that the store had before may use the warm lane, which needs no room.
    private func lookedUp(
        _ key: Key, askedBy requester: Requester?, trustsHeld: Bool
    ) async throws(StoreError) -> Value? {
        guard let flight = flight(for: key, askedBy: requester, trustsHeld) else {
            return try remembered(key)
        }
        return try await outcome(of: flight)
    }

    private func outcome(of flight: State.Promised) async throws(StoreError) -> Value? {
        let outcome: State.Outcome
        do { outcome = try await flight.value() } catch {
            throw StoreError(.unavailable, detail: "the caller was cancelled")
        }
        return try outcome.get()
    }

    /// Without room for a look-up, the cache decides from memory if it can.
    private func remembered(_ key: Key) throws(StoreError) -> Value? {
        if case .value(let value, _) = known(key), revision.isFresh { return value }
        guard isCertainlyAbsent(key) else { throw .noRoom }
        return nil
    }

    /// - Returns: nil when there is no room in the cold lane.
    private func flight(
        for key: Key, askedBy requester: Requester?, _ trustsHeld: Bool
    ) -> State.Promised? {
        let asked = state.withLock { state in
            let isTrusted = requester == nil || trustsHeld && state.holds(key)
            return state.asked(key, in: isTrusted ? .warm : .cold)
        }
        if case .flight(let promised, _) = asked {
            start(asked)
            return promised
        }
        guard let requester, coldLane.admit(requester) else { return nil }
        let (again, isJoined) = state.withLock { state in
            let isJoined = state.isUnderWay(key)
            return (state.asked(key, in: .cold, requester: requester), isJoined)
        }
        if isJoined { coldLane.release(requester) }
        start(again)
        guard case .flight(let promised, _) = again else { return nil }
        return promised
    }

    // MARK: Look-ups

    /// Each lane is run by a task of its own, because a caller may be cancelled with its connection while others
    /// wait for the same look-up. The task ends when nothing waits, and the store bounds the time of each look-up.
    private func start(_ asked: State.Asked) {
        guard case .flight(_, let lane?) = asked else { return }
        Task { await run(lane) }
    }

    private func run(_ lane: State.Lane) async {
        var isRunning = true
        while isRunning {
            switch lane {
            case .warm: isRunning = await runBatch(lane)
            case .cold: await coldLane.turn { isRunning = await runBatch(lane) }
            }
        }
    }

    /// - Returns: false when no key was waiting.
    private func runBatch(_ lane: State.Lane) async -> Bool {
        let now = clock.now()
        guard let batch = state.withLock({ $0.begin(lane, now: now) }) else { return false }
        let result = await Result { () async throws(StoreError) in try await source(batch.keys) }
        for requester in batch.requesters { coldLane.release(requester) }
        for (promised, outcome) in state.withLock({ $0.ended(batch, result) }) {
            promised.fulfil(.success(outcome))
        }
        return true
    }

    // MARK: Changes

    /// Anything in the store may have changed.
    package func changed() {
        state.withLock { $0.changed() }
    }

    /// As `changed`, for one key.
    package func changed(_ key: Key) {
        state.withLock { $0.changed(key) }
    }

    /// Records a value that this server itself has written, so that it is known at once.
    /// - Parameter changes: the value of `changes` before the write. If it has changed since, the value is not kept
    ///   and must be looked up.
    package func made(_ key: Key, _ value: Value, asOf changes: UInt64) {
        let now = clock.now()
        state.withLock { $0.made(key, value, asOf: changes, now: now) }
    }

    // MARK: The list

    /// Reads a list of what the store has. While the first list is being read, keys that may be made up wait for it
    /// instead of using the cold lane.
    /// - Parameter read: returns the list, and whether it is complete.
    /// - Returns: the values that were replaced, and, if the list is complete, those that were removed; nil when a
    ///   change during the reading made the list useless. A cache with `outlivesChanges` never returns nil.
    package func load(
        _ read: () async throws(StoreError) -> (values: [Key: Value], isWhole: Bool)
    ) async throws(StoreError) -> [Value]? {
        let promise = Promise<Void>()
        load.withLock { $0 = promise }
        defer {
            load.withLock { $0 = nil }
            promise.fulfil(.success(()))
        }
        let load = state.withLock { $0.loading() }
        let list: (values: [Key: Value], isWhole: Bool)
        do throws(StoreError) {
            list = try await read()
        } catch {
            state.withLock { $0.loadFailed() }
            throw error
        }
        let now = clock.now()
        return state.withLock { $0.loaded(load, list.values, isWhole: list.isWhole, now: now) }
    }

    /// Whether the list holds every key that the store had at the last change.
    package var isComplete: Bool { state.withLock { $0.isComplete } }

    /// Returns when the first list has been read, or its reading failed; at once when none is being read.
    private func firstList() async {
        guard !state.withLock({ $0.wasListed }), let promise = load.withLock({ $0 }) else { return }
        // A cancelled caller notices it at its next step.
        _ = try? await promise.value()
    }
}
