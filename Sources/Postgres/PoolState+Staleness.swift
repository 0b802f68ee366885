/// Sessions that may be stale: when a scout is sent, and what its answer means.
extension PoolState {
    /// Old sessions of a pooler's that are ended in a row. It has fewer idle ones as a rule; else the scout comes again.
    private static let endedAtOnce = 100

    /// The session of a slot may be stale.
    /// - Parameters:
    ///   - isRepeated: whether sessions were replaced a short while ago, and that may have been no use.
    ///   - jitter: 0..<1, at random.
    mutating func mayBeStale(_ slot: Slot, isRepeated: Bool, jitter: Double) -> [Action] {
        guard isRunning, slots[slot] == .idle || slots[slot] == .leased else { return [] }
        stale.insert(slot)
        if !isScouting, !isRepeated { scouts = 0 }
        return scoutLater(jitter)
    }

    private mutating func scoutLater(_ jitter: Double) -> [Action] {
        guard isRunning, !isScouting, !stale.isEmpty else { return [] }
        isScouting = true
        scouts += 1
        ended = 0
        return [.scoutLater(after: scoutBackoff.delay(afterFailures: scouts, jitter: jitter))]
    }

    /// The time for the next scout has come.
    mutating func scoutDue() -> [Action] {
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
        let idle = stale.filter { slots[$0] == .idle }.sorted()
        outdated.formUnion(stale.subtracting(idle))
        for slot in idle { forget(slot) }
        stale = []
        return idle.flatMap { replace($0) }
    }

    /// Makes room for a connection by one of ours.
    private mutating func replaceOne() -> [Action] {
        guard let slot = stale.filter({ slots[$0] == .idle }).min() else { return [] }
        forget(slot)
        return replace(slot)
    }

    mutating func replace(_ slot: Slot) -> [Action] {
        slots[slot] = .connecting
        return [.close(slot), .connect(slot, isChecked: false)]
    }

    mutating func forget(_ slot: Slot) {
        stale.remove(slot)
        outdated.remove(slot)
    }
}
