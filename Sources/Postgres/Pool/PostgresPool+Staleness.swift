internal import EventLoops

/// Sessions that may be stale, see `PoolState`. Loop only.
extension PostgresPool {
    /// If sessions must be replaced again within this time, the last replacement had no effect.
    private static let vainLife: Duration = .seconds(10)
    /// The same limit for suspects. It is longer than the longest wait for a scout, after which the error returns
    /// at once.
    private static let vainLifeOfSuspects: Duration = .seconds(120)

    func lookForStaleness(of connection: PostgresConnection, in slot: PoolState.Slot) {
        guard let staleness = connection.staleness else { return }
        let limit = staleness == .suspect ? Self.vainLifeOfSuspects : Self.vainLife
        let isRepeated = lastRenewal.map { $0.duration(to: .now) < limit } ?? false
        perform(state.mayBeStale(slot, staleness, isRepeated: isRepeated, jitter: .random(in: 0..<1)))
    }

    /// Logs that the database accepts writes again: a new session does, and no other session is in doubt. After an
    /// outage that ended all sessions, no scout is sent that would report it.
    func tellOfWrites(by connection: PostgresConnection) {
        guard connection.staleness == nil, state.stale.isEmpty else { return }
        outages.takesWrites(ObjectIdentifier(self))
    }

    func scoutLater(_ delay: Duration) {
        let current = run
        // An earlier timer was for suspects only, and may be far in the future.
        scoutTimer?.cancel()
        scoutTimer = loop.schedule(after: delay) { [weak self] in
            guard let self, current == run else { return }
            perform(state.scoutDue())
        }
    }

    func sendScout() {
        let current = run
        let scout = PostgresConnection(configuration, on: loop, logger: logger)
        self.scout = scout
        scout.establish(check: .scout) { [weak self] failure in
            guard let self, current == run else { return }
            let found = PoolState.Scouted(failure, isReadOnly: scout.isReadOnly)
            self.scout = nil
            scout.lose(PostgresError(.closed, "the connection is closed"))
            scouted(found)
        }
    }

    private func scouted(_ found: PoolState.Scouted) {
        if found == .writable {
            lastRenewal = .now
            renewals += state.stale.count
            outages.takesWrites(ObjectIdentifier(self))
        }
        if found == .readOnly { outages.takesNoWrites(ObjectIdentifier(self)) }
        perform(state.scouted(found, jitter: .random(in: 0..<1)))
    }
}

extension PoolState.Scouted {
    /// - Parameter failure: why the scout's connection could not be made; nil when it was made.
    fileprivate init(_ failure: PostgresError?, isReadOnly: Bool) {
        switch failure {
        case nil: self = isReadOnly ? .readOnly : .writable
        case let error? where error.sqlState == "57P01": self = .endedOld
        case let error? where error.refusal == .server(sqlState: "53300"): self = .noRoom
        default: self = .failed
        }
    }
}
