internal import Supervision

/// What is known of a store's keys, and which look-ups are under way. A value: no lock, no clock, no store.
///
/// A key is known with its value, known to be absent, or not known. Values come from look-ups, and from a *list* of
/// all that the store has. A change makes all of it doubtful at once, see `Rules.outlivesChanges`.
public struct RevisionedCacheState<Key: Hashable & Sendable, Value: Equatable & Sendable> {
    typealias Outcome = Result<Value?, StoreError>
    typealias Promised = Promise<Outcome>
    public typealias Rules = RevisionedCacheRules

    public enum Known: Equatable {
        /// - Parameter isDue: the store should be asked again, while this value is given out.
        case value(Value, isDue: Bool)
        /// The store does not have the key.
        case absent
        /// The store has to be asked.
        case unsure
    }

    /// Where a look-up waits for its turn.
    enum Lane: Sendable {
        /// Keys that the store knew before, or that no stranger can make up.
        case warm
        /// All others.
        case cold
    }

    enum Asked {
        /// - Parameter starts: the lane whose runner has to be started.
        case flight(Promised, starts: Lane?)
        /// A look-up in the cold lane needs room first.
        case needsRoom
    }

    public struct Entry {
        public var value: Value
        /// When the store was asked last, whatever it said.
        var askedAt: ContinuousClock.Instant
        public var dueAt: ContinuousClock.Instant?
        /// Something changed since: it is not given out, but its key keeps the warm lane.
        public var isStale = false
    }

    struct Flight {
        let lane: Lane
        let outcome: Promised
        /// Takes part of the cold lane's room.
        let requester: Requester?
        var isAsked = false
    }

    /// The look-ups of one turn.
    struct Batch {
        let flights: [Key: Flight]
        let lane: Lane
        let askedAt: ContinuousClock.Instant
        /// Of those, whose room is free again afterwards.
        var requesters: [Requester] { flights.values.compactMap(\.requester) }
        var keys: [Key] { Array(flights.keys) }
    }

    /// A list that is being read.
    struct Load {
        fileprivate let changes: UInt64
    }

    public let rules: Rules
    public var entries: BoundedTable<Key, Entry>
    public var absences: BoundedTable<Key, ContinuousClock.Instant>
    private var flights: [Key: Flight] = [:]
    private var lines: [Lane: [Key]] = [:]
    private var running: Set<Lane> = []
    /// Rises with every change that is heard of.
    private(set) var changes: UInt64 = 0
    /// Rises whenever a value comes, goes or becomes another.
    private(set) var version: UInt64 = 0
    /// The change after which the last complete list was read; nil before the first, or when it is doubtful.
    private var listedAfter: UInt64?
    private(set) var wasListed = false
    /// Keys whose look-ups ended while a list is being read; nil while none is.
    private var learned: Set<Key>?

    init(rules: Rules) {
        self.rules = rules
        entries = BoundedTable(capacity: rules.values)
        absences = BoundedTable(capacity: rules.absences)
    }

    /// Of the values; the keys that the store does not have are bounded likewise.
    var use: CacheUse { entries.use }

    /// Every value that is not doubtful, in no order.
    var values: [Value] { entries.values.filter { !$0.isStale }.map(\.value) }

    /// Whether the list holds all keys of the store, as of the last change that was heard of.
    var isComplete: Bool { listedAfter == changes }

    // MARK: Asking

    @inlinable public mutating func known(_ key: Key, now: ContinuousClock.Instant) -> Known {
        guard let entry = entries.use(key), !entry.isStale else {
            return absences.use(key) == nil ? .unsure : .absent
        }
        guard let dueAt = entry.dueAt, dueAt <= now else { return .value(entry.value, isDue: false) }
        // The next caller waits with that, whatever becomes of this question.
        entries.update(key) { $0.dueAt = now + rules.retry }
        return .value(entry.value, isDue: true)
    }

    /// Whether the store was asked for this key less than `period` ago. A caller may join a look-up that is under way,
    /// which costs the store nothing.
    func wasAsked(_ key: Key, within period: Duration, now: ContinuousClock.Instant) -> Bool {
        guard flights[key] == nil, let askedAt = entries[key]?.askedAt ?? absences[key] else { return false }
        return askedAt.duration(to: now) < period
    }

    /// Whether the store had this key when it was last asked.
    func holds(_ key: Key) -> Bool { entries.contains(key) }

    /// The look-up of a key: the one under way, or a new one.
    /// - Parameter requester: took room in the cold lane for it.
    mutating func asked(_ key: Key, in lane: Lane, requester: Requester? = nil) -> Asked {
        if let flight = flights[key] { return .flight(flight.outcome, starts: nil) }
        guard lane == .warm || requester != nil else { return .needsRoom }
        let flight = Flight(lane: lane, outcome: Promised(), requester: requester)
        flights[key] = flight
        lines[lane, default: []].append(key)
        return .flight(flight.outcome, starts: running.insert(lane).inserted ? lane : nil)
    }

    /// Whether a look-up of this key is under way, so that a caller joins it without room of its own.
    func isUnderWay(_ key: Key) -> Bool { flights[key] != nil }

    // MARK: Look-ups

    /// The next look-ups of a lane, which are asked now; nil ends the lane's runner.
    mutating func begin(_ lane: Lane, now: ContinuousClock.Instant) -> Batch? {
        var batch: [Key: Flight] = [:]
        var line = lines[lane] ?? []
        let taken = line.prefix(rules.batch)
        line.removeFirst(taken.count)
        lines[lane] = line
        for key in taken {
            flights[key]?.isAsked = true
            batch[key] = flights[key]
            // Before the store answers: one that does not is not asked more often for that.
            entries.update(key) { $0.askedAt = now }
            if absences.contains(key) { absences[key] = now }
        }
        guard !batch.isEmpty else {
            running.remove(lane)
            return nil
        }
        return Batch(flights: batch, lane: lane, askedAt: now)
    }

    /// A batch has ended. What the store said before a change does not outlive it.
    /// - Returns: what to tell those who wait.
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

    /// A value that was made here is known at once, unless something changed since `changes` was read.
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
        // Those that still wait for their turn will hear of the change.
        flights = flights.filter { !$0.value.isAsked }
    }

    /// As `changed`, of one key.
    mutating func changed(_ key: Key) {
        // A value that is being made, or listed, may be from before.
        changes &+= 1
        absences[key] = nil
        entries.update(key) { $0.isStale = true }
        if flights[key]?.isAsked == true { flights[key] = nil }
    }

    // MARK: The list

    /// The list is asked for now.
    mutating func loading() -> Load {
        learned = []
        return Load(changes: changes)
    }

    /// The list could not be read.
    mutating func loadFailed() {
        learned = nil
    }

    /// The list has come.
    ///
    /// A key that was looked up meanwhile may be younger than the list, or gone since: it stays as the look-up found it,
    /// and the list counts as incomplete until the next one.
    /// - Parameter isWhole: the store has no more than these.
    /// - Returns: the values that are no more, or are others now; nil for a list that is older than a change and of no use.
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
        // What the store said before does not outlive the list.
        flights = flights.filter { !$0.value.isAsked }
        version &+= 1
        wasListed = true
        listedAfter = isWhole && doubtful.isEmpty ? load.changes : nil
        return replaced
    }
}

/// The bounds of a cache, and what a change means to it.
public struct RevisionedCacheRules: Sendable {
    /// Keys with a value; beyond it the coldest goes: 10,000.
    package var values = 10_000
    /// Keys that the store does not have, likewise: 4,096.
    public var absences = 4_096
    /// From this age on a value is asked for again while it is still given out; nil: never.
    package var age: Duration? = .seconds(60)
    /// Between two such questions while the store does not answer.
    public var retry: Duration = .seconds(5)
    /// Keys of one look-up.
    package var batch = 256
    /// Whether a value is given out after a change until the next list says otherwise. Else the store is asked first,
    /// as rights want it.
    package var outlivesChanges = false

    package init() {}
}
