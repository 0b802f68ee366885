internal import HarborFleet
internal import Supervision

/// What a store said of keys, and which look-ups are under way. Decides; `LookUps` asks.
///
/// Of many who ask for one key one asks the store. Keys that the store knows and those it does not are kept apart,
/// so that whoever makes keys up neither pushes out a good one nor waits in line before it.
struct LookUpState<Key: Hashable & Sendable, Answer: Sendable> {
    typealias Outcome = Result<Answer?, StoreError>
    /// What those wait for who ask for one key.
    typealias Promised = Promise<Outcome>

    struct Limits: Sendable {
        /// Keys with an answer; when it is full all are forgotten, and asked for again.
        var answers = 10_000
        /// Keys that the store did not know, likewise.
        var refusals = 1_000
        /// Look-ups of keys without an answer that run or wait; one more is refused.
        var strangers = 256
        /// From this age on an answer is asked for again while it is still given.
        var age: Duration = .seconds(60)
        /// Between two such questions, when the store does not answer.
        var retry: Duration = .seconds(5)
    }

    enum Known {
        /// - Parameter isDue: the store should be asked again, though nobody has to wait for it.
        case answer(Answer, isDue: Bool)
        /// The store does not know the key.
        case refused
        /// The store has to be asked.
        case unknown
    }

    /// Where a look-up waits for its turn.
    enum Lane: Sendable {
        /// Of keys that the store knew before: as many as there are such keys may wait.
        case known
        /// Of all others.
        case strangers
    }

    private struct Entry {
        var answer: Answer
        /// When the store was asked last, whatever it said.
        var askedAt: Timestamp
        /// When this answer is too old not to ask again.
        var dueAt: Timestamp
        /// Something changed since: it is not given any more, but keeps its place in the better lane.
        var isStale = false
    }

    private struct Flight {
        let number: UInt64
        let lane: Lane
        let outcome: Promised
        /// When the store was asked; nil while it waits for its turn.
        var askedAt: Timestamp?
    }

    let limits: Limits
    private var entries: [Key: Entry] = [:]
    private var refusals: [Key: Timestamp] = [:]
    private var flights: [Key: Flight] = [:]
    private var strangers = 0
    private var lastNumber: UInt64 = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// What is known of a key.
    mutating func known(_ key: Key, now: Timestamp) -> Known {
        guard let entry = entries[key], !entry.isStale else {
            return refusals[key] == nil ? .unknown : .refused
        }
        // A clock that was set back counts, so that nothing is kept for ever.
        let isDue = entry.dueAt <= now || entry.dueAt.since(now) > limits.age
        // The next one who asks waits with that, whatever becomes of this question.
        if isDue { entries[key]?.dueAt = now.advanced(by: limits.retry) }
        return .answer(entry.answer, isDue: isDue)
    }

    /// Whether the store was asked for this key less than `period` ago. While a look-up is under way one may wait
    /// for that, which costs the store nothing.
    func wasAsked(_ key: Key, within period: Duration, now: Timestamp) -> Bool {
        guard flights[key] == nil, let askedAt = entries[key]?.askedAt ?? refusals[key] else { return false }
        let age = now.since(askedAt)
        return age >= .zero && age < period
    }

    /// The look-up to wait for: the one under way, or else the one that `start` makes.
    /// - Returns: nil when too many strangers wait.
    mutating func flight(
        for key: Key, start: (UInt64, Lane) -> Promised
    ) -> Promised? {
        if let flight = flights[key] { return flight.outcome }
        let lane: Lane = entries[key] == nil ? .strangers : .known
        if lane == .strangers {
            guard strangers < limits.strangers else { return nil }
            strangers += 1
        }
        lastNumber &+= 1
        let outcome = start(lastNumber, lane)
        flights[key] = Flight(number: lastNumber, lane: lane, outcome: outcome)
        return outcome
    }

    /// It is the look-up's turn: the store is asked now.
    mutating func begun(_ number: UInt64, of key: Key, now: Timestamp) {
        guard flights[key]?.number == number else { return }
        flights[key]?.askedAt = now
        // Before it answers: a store that does not is not asked more often for that.
        entries[key]?.askedAt = now
        if refusals[key] != nil { refusals[key] = now }
    }

    /// The look-up has ended. An answer from before a change does not outlive it.
    mutating func ended(_ number: UInt64, of key: Key, in lane: Lane, _ outcome: Outcome) {
        if lane == .strangers { strangers -= 1 }
        guard let flight = flights[key], flight.number == number else { return }
        flights[key] = nil
        guard case .success(let answer) = outcome, let askedAt = flight.askedAt else { return }
        if let answer {
            if entries[key] == nil, entries.count >= limits.answers { entries.removeAll() }
            entries[key] = Entry(
                answer: answer, askedAt: askedAt, dueAt: askedAt.advanced(by: limits.age))
            refusals[key] = nil
        } else {
            entries[key] = nil
            if refusals.count >= limits.refusals { refusals.removeAll(keepingCapacity: true) }
            refusals[key] = askedAt
        }
    }

    /// Anything may have changed: nothing that the store said so far holds any more.
    mutating func changed() {
        refusals.removeAll(keepingCapacity: true)
        for key in entries.keys { entries[key]?.isStale = true }
        // Those that still wait for their turn will hear of the change.
        flights = flights.filter { $0.value.askedAt == nil }
    }

    /// As `changed`, of one key.
    mutating func changed(_ key: Key) {
        refusals[key] = nil
        entries[key]?.isStale = true
        if flights[key]?.askedAt != nil { flights[key] = nil }
    }
}
