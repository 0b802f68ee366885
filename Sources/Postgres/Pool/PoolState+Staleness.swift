internal import Supervision

/// Sessions that may be stale: when a scout is sent, and what its answer means.
extension PoolState {
    /// Old sessions of a pooler's that are ended in a row. It has fewer idle ones as a rule; else the scout comes again.
    private static let endedAtOnce = 100

    /// The session of a slot may be stale.
    /// - Parameters:
    ///   - isRepeated: whether sessions were replaced a short while ago, and that may have been no use.
    ///   - jitter: 0..<1, at random.
    mutating func mayBeStale(
        _ slot: Slot, _ staleness: SessionStaleness, isRepeated: Bool, jitter: Double
    ) -> [Action] {
        guard isRunning, slots[slot] == .idle || slots[slot] == .leased else { return [] }
        // One that waits to be replaced needs no scout.
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

    /// A scout is back.
    /// - Parameter jitter: 0..<1, at random.
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

    /// Goes on with what a scout found: the next one is replaced when the new one before it is there.
    mutating func replaceNext() -> [Action] {
        let slot = outdated.sorted().first { slots[$0] == .idle && isReplaceable($0) }
        return slot.map { replace($0) } ?? []
    }

    /// Whether the slot's session may be closed for a new one. It may not while another is being made, nor while it is
    /// the last one of several: a connect that failed then would open the breaker.
    func isReplaceable(_ slot: Slot) -> Bool {
        outdated.contains(slot) && !slots.contains(.connecting) && hasAnother
    }

    /// Whether a session may go. A pool of one has no other.
    private var hasAnother: Bool { connectedCount > 1 || slots.count == 1 }

    /// Makes room for a connection by one of ours.
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
