import Synchronization

/// Which fleets there are, as the store said last.
final class FleetDirectory: Sendable {
    enum Answer: Equatable {
        case known(Fleet)
        case unknown
        /// The store has to be asked.
        case notSure
    }

    private struct State {
        var isLoaded = false
        /// That of the fleets.
        var revision: Int64?
        /// The last that was heard of, whether or not its fleets could be loaded.
        var heard: Int64?
        var fleets: [FleetID: Fleet] = [:]
        var unknownUntil: [FleetID: ContinuousClock.Instant] = [:]
        /// Fleets that were looked up one by one since the store was asked for all.
        var learned: Set<FleetID> = []
        /// Rises whenever what the store says may have changed.
        var generation: UInt64 = 0
    }

    private let state = Mutex(State())
    private let unknownFor: Duration
    private let maximumUnknown: Int

    init(unknownFor: Duration, maximumUnknown: Int) {
        self.unknownFor = unknownFor
        self.maximumUnknown = maximumUnknown
    }

    func answer(for id: FleetID, now: ContinuousClock.Instant) -> Answer {
        state.withLock { state in
            if let fleet = state.fleets[id] { return .known(fleet) }
            guard let until = state.unknownUntil[id], now < until else { return .notSure }
            return .unknown
        }
    }

    /// Every fleet by id; nil before the first load.
    var all: [Fleet]? {
        state.withLock { $0.isLoaded ? Array($0.fleets.values) : nil }?.sorted { $0.id < $1.id }
    }

    var revision: Int64? { state.withLock { $0.revision } }

    /// Whether a revision is another than the last that was heard of; it is that from now on.
    func isNew(_ revision: Int64) -> Bool {
        state.withLock { state in
            defer { state.heard = revision }
            return state.heard != revision
        }
    }

    var generation: UInt64 { state.withLock { $0.generation } }

    /// The store was asked for one fleet, when the directory was of `generation`.
    func learned(_ fleet: Fleet?, for id: FleetID, generation: UInt64, now: ContinuousClock.Instant) {
        state.withLock { state in
            // An answer from before a change must not outlive it.
            guard state.generation == generation else { return }
            if let fleet {
                state.fleets[id] = fleet
                state.learned.insert(id)
                state.unknownUntil[id] = nil
            } else {
                // Anyone can make ids up: when it is full it is emptied and fills again.
                if state.unknownUntil.count >= maximumUnknown { state.unknownUntil.removeAll() }
                state.unknownUntil[id] = now + unknownFor
            }
        }
    }

    /// The store is about to be asked for all.
    func loading() {
        state.withLock { $0.learned.removeAll() }
    }

    /// The store was asked for all, after `loading`.
    ///
    /// A fleet that was looked up meanwhile may be younger than the list, or removed since: it stays as it is, and
    /// the revision counts as unknown, so that the next round asks again.
    /// - Returns: the fleets that are gone; one that was added again since is not the one that was known.
    func loaded(_ fleets: [Fleet], revision: Int64) -> [FleetID] {
        state.withLock { state in
            var new = Dictionary(fleets.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            let isDoubtful = state.learned.contains { new[$0] != state.fleets[$0] }
            for id in state.learned { new[id] = state.fleets[id] }
            let gone = state.fleets.values.filter { new[$0.id]?.incarnation != $0.incarnation }.map(\.id)
            state.fleets = new
            state.unknownUntil.removeAll()
            state.revision = isDoubtful ? nil : revision
            state.isLoaded = true
            state.generation &+= 1
            return gone
        }
    }
}
