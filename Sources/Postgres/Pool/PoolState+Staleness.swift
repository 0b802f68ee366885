internal import Supervision

/// Sessions that may be stale: when a scout is sent, and what its result means.
extension PoolState {
    /// How many old sessions of a pooler are ended in a row. A pooler usually has fewer idle sessions; otherwise
    /// the scout continues later.
    private static let endedAtOnce = 100

    /// Notes that the session of a slot may be stale.
    /// - Parameters:
    ///   - isRepeated: whether sessions were replaced a short while ago, maybe without effect.
    ///   - jitter: a random number in 0..<1.
    mutating func mayBeStale(
        _ slot: Slot, _ staleness: SessionStaleness, isRepeated: Bool, jitter: Double
    ) -> [Action] {
        guard isRunning, slots[slot] == .idle || slots[slot] == .leased else { return [] }
        // A session that waits to be replaced needs no scout.
        guard !outdated.contains(slot) else { return [] }
        stale.insert(slot)
        if staleness == .suspect { suspects.insert(slot) } else { suspects.remove(slot) }
        if isScoutPatient, staleness == .readOnly { (isScouting, isScoutPatient) = (false, false) }
        if !isScouting, !isRepeated { scouts = 0 }
        return scoutLater(jitter)
    }

    private mutating func scoutLater(_ jitter: Double) -> [Action] {
        guard isRunning, !isScouting, !stale.isEmpty else { return [] }
        isScouting = true
        isScoutPatient = stale.isSubset(of: suspects)
        scouts += 1
        ended = 0
        let backoff = isScoutPatient ? Self.suspectBackoff : Self.scoutBackoff
        return [.scoutLater(after: backoff.delay(afterFailures: scouts, jitter: jitter))]
    }

    /// The time for the next scout has come.
    mutating func scoutDue() -> [Action] {
        isScoutPatient = false
        guard isRunning, !isOpen, !stale.isEmpty else {
            isScouting = false
            return []
        }
        return [.scout]
    }

    /// A scout has finished.
    /// - Parameter jitter: a random number in 0..<1.
    mutating func scouted(_ found: Scouted, jitter: Double) -> [Action] {
        guard isRunning else { return [] }
        ended += found == .endedOld ? 1 : 0
        if found == .endedOld, ended < Self.endedAtOnce { return scoutDue() }
        isScouting = false
        switch found {
        case .writable: return replaceStale()
        case .noRoom: return replaceOne() + scoutLater(jitter)
        case .readOnly, .failed, .endedOld: return scoutLater(jitter)
        }
    }

    private mutating func replaceStale() -> [Action] {
        outdated.formUnion(stale)
        (stale, suspects) = ([], [])
        return replaceNext()
    }

    /// Continues the replacement that a scout has started: the next session is replaced once the new one before it
    /// is connected.
    mutating func replaceNext() -> [Action] {
        let slot = outdated.sorted().first { slots[$0] == .idle && isReplaceable($0) }
        return slot.map { replace($0) } ?? []
    }

    /// Whether the slot's session may be closed and replaced now. It may not while another connection is being
    /// made. It may not either while it is the last of several: if the connect then failed, the breaker would open.
    func isReplaceable(_ slot: Slot) -> Bool {
        outdated.contains(slot) && !slots.contains(.connecting) && hasAnother
    }

    /// Whether a session may be closed. A pool of one has no other session to keep.
    private var hasAnother: Bool { connectedCount > 1 || slots.count == 1 }

    /// Makes room for a new connection by replacing one of the pool's own.
    private mutating func replaceOne() -> [Action] {
        guard hasAnother, let slot = stale.filter({ slots[$0] == .idle }).min() else { return [] }
        return replace(slot)
    }

    mutating func replace(_ slot: Slot) -> [Action] {
        forget(slot)
        slots[slot] = .connecting
        return [.close(slot), .connect(slot, isChecked: false)]
    }

    mutating func forget(_ slot: Slot) {
        stale.remove(slot)
        suspects.remove(slot)
        outdated.remove(slot)
    }
}
