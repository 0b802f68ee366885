internal import Supervision

/// What is known of a store's keys, and which look-ups are in progress. A value: no lock, no clock, no store.
///
/// A key is known with its value, known to be absent, or not known. Values come from look-ups, and from a *list* of
/// everything that the store has. A change makes all of it stale at once, see `Rules.outlivesChanges`.
public struct RevisionedCacheState<Key: Hashable & Sendable, Value: Equatable & Sendable> {
    typealias Outcome = Result<Value?, StoreError>
    typealias Promised = Promise<Outcome>
    public typealias Rules = RevisionedCacheRules

    public enum Known: Equatable {
        /// - Parameter isDue: whether the store should be asked again, while this value is still returned.
        case value(Value, isDue: Bool)
        /// The store does not have the key.
        case absent
        /// Not known: the store must be asked.
        case unsure
    }

    /// The queue in which a look-up waits.
    enum Lane: Sendable {
        /// For keys that the store had before, or that no unauthenticated client can make up.
        case warm
        /// For all other keys.
        case cold
    }

    enum Asked {
        /// - Parameter starts: the lane whose runner the caller must start; nil when it is running.
        case flight(Promised, starts: Lane?)
        /// A look-up in the cold lane needs room first.
        case needsRoom
    }

    public struct Entry {
        public var value: Value
        /// When the store was last asked, whatever the result.
        var askedAt: ContinuousClock.Instant
        public var dueAt: ContinuousClock.Instant?
        /// Something has changed since. The value is not returned any more, but its key still uses the warm lane.
        public var isStale = false
    }

    struct Flight {
        let lane: Lane
        let outcome: Promised
        /// The requester whose share of the cold lane the look-up uses; nil in the warm lane.
        let requester: Requester?
        var isAsked = false
    }

    /// The look-ups of one statement.
    struct Batch {
        let flights: [Key: Flight]
        let lane: Lane
        let askedAt: ContinuousClock.Instant
        /// The requesters whose room in the cold lane is free again after the batch.
        var requesters: [Requester] { flights.values.compactMap(\.requester) }
        var keys: [Key] { Array(flights.keys) }
    }

    /// Identifies a list that is being read.
    struct Load {
        fileprivate let changes: UInt64
    }

    public let rules: Rules
    public var entries: BoundedTable<Key, Entry>
    public var absences: BoundedTable<Key, ContinuousClock.Instant>
    private var flights: [Key: Flight] = [:]
    private var queues: [Lane: [Key]] = [:]
    private var running: Set<Lane> = []
    /// Increases with every change.
    private(set) var changes: UInt64 = 0
    /// Increases whenever a value is added, removed or replaced.
    private(set) var version: UInt64 = 0
    /// The change after which the last complete list was read; nil before the first, or when the list is
    /// incomplete.
    private var listedAfter: UInt64?
    private(set) var wasListed = false
    /// Keys whose look-ups ended while a list was being read; nil while none is being read.
    private var learned: Set<Key>?

    init(rules: Rules) {
        self.rules = rules
        entries = BoundedTable(capacity: rules.values)
        absences = BoundedTable(capacity: rules.absences)
    }

    /// The use of the values. Absent keys are bounded by a table of their own.
    var use: CacheUse { entries.use }

    /// Every value that is not stale, in no particular order.
    var values: [Value] { entries.values.filter { !$0.isStale }.map(\.value) }

    /// Whether the list holds all keys that the store had at the last change.
    var isComplete: Bool { listedAfter == changes }

    // MARK: Asking

    @inlinable public mutating func known(_ key: Key, now: ContinuousClock.Instant) -> Known {
        guard let entry = entries.use(key), !entry.isStale else {
            return absences.use(key) == nil ? .unsure : .absent
        }
        guard let dueAt = entry.dueAt, dueAt <= now else { return .value(entry.value, isDue: false) }
        // Callers within the retry interval get the value without a new refresh, whatever becomes of this one.
        entries.update(key) { $0.dueAt = now + rules.retry }
        return .value(entry.value, isDue: true)
    }

    /// Whether the store was asked for this key less than `period` ago. False while a look-up is in progress: a
    /// caller may join it, which costs the store nothing.
    func wasAsked(_ key: Key, within period: Duration, now: ContinuousClock.Instant) -> Bool {
        guard flights[key] == nil, let askedAt = entries[key]?.askedAt ?? absences[key] else { return false }
        return askedAt.duration(to: now) < period
    }

    /// Whether the store had this key when it was last asked.
    func holds(_ key: Key) -> Bool { entries.contains(key) }

    /// Returns the look-up of a key: the one in progress, or a new one.
    /// - Parameter requester: the requester whose room in the cold lane was reserved for it.
    mutating func asked(_ key: Key, in lane: Lane, requester: Requester? = nil) -> Asked {
        if let flight = flights[key] { return .flight(flight.outcome, starts: nil) }
        guard lane == .warm || requester != nil else { return .needsRoom }
        let flight = Flight(lane: lane, outcome: Promised(), requester: requester)
        flights[key] = flight
        queues[lane, default: []].append(key)
        return .flight(flight.outcome, starts: running.insert(lane).inserted ? lane : nil)
    }

    /// Whether a look-up of this key is in progress, so that a caller can join it without room of its own.
    func isUnderWay(_ key: Key) -> Bool { flights[key] != nil }

    // MARK: Look-ups

    /// Takes the next look-ups of a lane, which are sent to the store now; nil ends the lane's runner.
    mutating func begin(_ lane: Lane, now: ContinuousClock.Instant) -> Batch? {
        var batch: [Key: Flight] = [:]
        var queue = queues[lane] ?? []
        let taken = queue.prefix(rules.batch)
        queue.removeFirst(taken.count)
        queues[lane] = queue
        for key in taken {
            flights[key]?.isAsked = true
            batch[key] = flights[key]
            // Recorded before the store responds, so that a store that does not respond is not asked more often.
            entries.update(key) { $0.askedAt = now }
            if absences.contains(key) { absences[key] = now }
        }
        guard !batch.isEmpty else {
            running.remove(lane)
            return nil
        }
        return Batch(flights: batch, lane: lane, askedAt: now)
    }

    /// Ends a batch. A result that the store gave before a change is not kept.
    /// - Returns: the outcomes for the waiting callers.
    mutating func ended(
        _ batch: Batch, _ result: Result<[Key: Value], StoreError>
    ) -> [(Promised, Outcome)] {
        batch.flights.map { key, flight in
            let outcome: Outcome = result.map { $0[key] }
            if flights[key]?.outcome === flight.outcome {
                flights[key] = nil
                if case .success(let value) = outcome { learn(key, value, at: batch.askedAt) }
            }
            return (flight.outcome, outcome)
        }
    }

    private mutating func learn(_ key: Key, _ value: Value?, at askedAt: ContinuousClock.Instant) {
        learned?.insert(key)
        if entries[key]?.value != value { version &+= 1 }
        guard let value else {
            entries[key] = nil
            absences[key] = askedAt
            return
        }
        entries[key] = Entry(value: value, askedAt: askedAt, dueAt: rules.age.map { askedAt + $0 })
        absences[key] = nil
    }

    /// Records a value that was written by this server, unless something changed since `changes` was read.
    mutating func made(
        _ key: Key, _ value: Value, asOf changes: UInt64, now: ContinuousClock.Instant
    ) {
        guard changes == self.changes else { return }
        learn(key, value, at: now)
    }

    // MARK: Changes

    /// Anything may have changed.
    mutating func changed() {
        changes &+= 1
        absences.removeAll()
        if !rules.outlivesChanges { entries.updateAll { $0.isStale = true } }
        // Look-ups that are still waiting will see the change, so only those already sent are dropped.
        flights = flights.filter { !$0.value.isAsked }
    }

    /// As `changed`, for one key.
    mutating func changed(_ key: Key) {
        // A value that is being written or listed may be from before the change.
        changes &+= 1
        absences[key] = nil
        entries.update(key) { $0.isStale = true }
        if flights[key]?.isAsked == true { flights[key] = nil }
    }

    // MARK: The list

    /// Begins to read the list.
    mutating func loading() -> Load {
        learned = []
        return Load(changes: changes)
    }

    /// Records that the list could not be read.
    mutating func loadFailed() {
        learned = nil
    }

    /// Applies a list that was read.
    ///
    /// A key that was looked up meanwhile may be newer than the list, or may have been removed since. It keeps the
    /// result of the look-up, and if that differs, the list counts as incomplete until the next one.
    /// - Parameter isWhole: whether the list is complete.
    /// - Returns: the values that were replaced, and, if the list is complete, those that were removed; nil for a
    ///   list that is older than a change and therefore not used. With `rules.outlivesChanges` it is never nil.
    mutating func loaded(
        _ load: Load, _ list: [Key: Value], isWhole: Bool, now: ContinuousClock.Instant
    ) -> [Value]? {
        let learned = self.learned ?? []
        self.learned = nil
        guard load.changes == changes || rules.outlivesChanges else { return nil }
        let doubtful = learned.filter { list[$0] != entries[$0]?.value }
        let gone = entries.keys.filter { list[$0] == nil && !learned.contains($0) }
        var replaced: [Value] = []
        if isWhole {
            replaced += gone.compactMap { entries[$0]?.value }
            for key in gone { entries[key] = nil }
        }
        for (key, value) in list where !learned.contains(key) {
            if let old = entries[key]?.value, old != value { replaced.append(old) }
            entries[key] = Entry(value: value, askedAt: now, dueAt: rules.age == nil ? nil : now)
        }
        absences.removeAll()
        // Results of look-ups that were sent before the list are not kept.
        flights = flights.filter { !$0.value.isAsked }
        version &+= 1
        wasListed = true
        listedAfter = isWhole && doubtful.isEmpty ? load.changes : nil
        return replaced
    }
}

/// The bounds of a cache, and what a change means for it.
public struct RevisionedCacheRules: Sendable {
    /// The maximum number of keys with a value; above it the coldest is dropped: 10,000.
    package var values = 10_000
    /// The maximum number of keys that the store does not have; above it the coldest is dropped: 4,096.
    public var absences = 4_096
    /// The age from which a value is refreshed while it is still returned; nil: never.
    package var age: Duration? = .seconds(60)
    /// The interval between two such refreshes while the store does not respond.
    public var retry: Duration = .seconds(5)
    /// The maximum number of keys in one look-up.
    package var batch = 256
    /// Whether a value is still returned after a change until the next list says otherwise. If false, the store is
    /// asked first, which access rights require.
    package var outlivesChanges = false

    package init() {}
}
