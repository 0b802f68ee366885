internal import HarborFleet
internal import Supervision
internal import Synchronization

/// Answers of a store by key, kept until something changes. Any thread.
///
/// A known key waits for nothing, also while the store is away. The rest is bounded: one look-up per key, few at a
/// time, and strangers only so many in line, so that nobody fills the store's pool with keys that he made up.
final class LookUps<Key: Hashable & Sendable, Answer: Sendable>: Sendable {
    typealias State = LookUpState<Key, Answer>
    /// - Returns: nil for a key that the store does not know.
    typealias Source = @Sendable (Key) async throws(StoreError) -> Answer?

    private let source: Source
    private let clock: any WallClock
    private let state: Mutex<State>
    private let changes = Atomic<UInt64>(0)
    /// Together they leave room in a pool of four.
    private let knownLane = Turnstile(width: 2)
    private let strangersLane = Turnstile(width: 1)

    init(clock: any WallClock, limits: State.Limits = State.Limits(), source: @escaping Source) {
        self.clock = clock
        self.source = source
        state = Mutex(State(limits: limits))
    }

    /// Rises after each change. What was known under another number may be wrong; read it before `known`.
    var generation: UInt64 { changes.load(ordering: .acquiring) }

    /// What is known of a key, at once. Has the store asked again for an answer that grows old.
    func known(_ key: Key) -> State.Known {
        let now = clock.now()
        return state.withLock { state in
            let known = state.known(key, now: now)
            if case .answer(_, isDue: true) = known { _ = flight(for: key, in: &state) }
            return known
        }
    }

    /// Whether the store was asked for this key in the last `period`.
    func wasAsked(_ key: Key, within period: Duration) -> Bool {
        let now = clock.now()
        return state.withLock { $0.wasAsked(key, within: period, now: now) }
    }

    /// Asks the store, or waits for the look-up of this key that is under way.
    /// - Throws: `.unavailable` also when too many wait, or the caller is cancelled; the look-up goes on for the others.
    func answer(for key: Key) async throws(StoreError) -> Answer? {
        try await Self.outcome(of: state.withLock { flight(for: key, in: &$0) })
    }

    /// What is known of a key by now, or else the store's answer: who found it unknown a moment ago, and was
    /// overtaken by a look-up that has ended since, does not ask again.
    func knownAnswer(for key: Key) async throws(StoreError) -> Answer? {
        let now = clock.now()
        var flown: State.Promised?
        let known = state.withLock { state in
            let known = state.known(key, now: now)
            // Under the same lock: otherwise there is a moment for yet another look-up to end.
            if case .unknown = known { flown = flight(for: key, in: &state) }
            return known
        }
        switch known {
        case .answer(let answer, _): return answer
        case .refused: return nil
        case .unknown: return try await Self.outcome(of: flown)
        }
    }

    private static func outcome(of flight: State.Promised?) async throws(StoreError) -> Answer? {
        guard let flight else {
            throw StoreError(.unavailable, detail: "too many look-ups wait", isBusy: true)
        }
        let outcome: State.Outcome
        do { outcome = try await flight.value() } catch {
            throw StoreError(.unavailable, detail: "the call was given up")
        }
        return try outcome.get()
    }

    /// Nothing that the store said so far holds any more.
    func changed() {
        state.withLock { $0.changed() }
        // Afterwards: who sees the new number sees the new state.
        changes.add(1, ordering: .releasing)
    }

    /// As `changed`, of one key.
    func changed(_ key: Key) {
        state.withLock { $0.changed(key) }
        changes.add(1, ordering: .releasing)
    }

    /// The look-up is a task of its own, because whoever asked first may be cancelled with his connection while
    /// others wait for the same answer. Its time is bounded by the store's.
    private func flight(for key: Key, in state: inout State) -> State.Promised? {
        state.flight(for: key) { number, lane in
            let outcome = State.Promised()
            Task { outcome.fulfil(.success(await self.fly(number, key, lane))) }
            return outcome
        }
    }

    private func fly(_ number: UInt64, _ key: Key, _ lane: State.Lane) async -> State.Outcome {
        let turnstile =
            switch lane {
            case .known: knownLane
            case .strangers: strangersLane
            }
        await turnstile.enter()
        defer { turnstile.leave() }
        let now = clock.now()
        state.withLock { $0.begun(number, of: key, now: now) }
        let outcome: State.Outcome
        do throws(StoreError) {
            outcome = .success(try await source(key))
        } catch {
            outcome = .failure(error)
        }
        state.withLock { $0.ended(number, of: key, in: lane, outcome) }
        return outcome
    }
}
