internal import EventLoops

/// Sessions that may be stale, see `PoolState`. Loop only.
extension PostgresPool {
    /// Sessions that are replaced again so soon were replaced in vain.
    private static let vainLife: Duration = .seconds(10)

    func lookForStaleness(of connection: PostgresConnection, in slot: PoolState.Slot) {
        guard connection.mayBeStale else { return }
        let isRepeated = lastRenewal.map { $0.duration(to: .now) < Self.vainLife } ?? false
        perform(state.mayBeStale(slot, isRepeated: isRepeated, jitter: .random(in: 0..<1)))
    }

    func scoutLater(_ delay: Duration) {
        let current = run
        loop.schedule(after: delay) { [weak self] in
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
            journal.takesWrites(ObjectIdentifier(self))
        }
        if found == .readOnly { journal.takesNoWrites(ObjectIdentifier(self)) }
        perform(state.scouted(found, jitter: .random(in: 0..<1)))
    }
}

extension PoolState.Scouted {
    /// - Parameter failure: why the scout's connection could not be made; nil when it was.
    fileprivate init(_ failure: PostgresError?, isReadOnly: Bool) {
        switch failure {
        case nil: self = isReadOnly ? .readOnly : .writable
        case let error? where error.sqlState == "57P01": self = .endedOld
        case let error? where error.refusal == .server(sqlState: "53300"): self = .noRoom
        default: self = .failed
        }
    }
}
