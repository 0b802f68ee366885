package import HarborFleet
package import StoreCache
package import Supervision

/// The signing secrets of each fleet's partners, kept until the revision changes, so that a known fleet's POST is
/// verified without asking the database, also while that is away.
package final class PartnerKeys: Sendable {
    /// A secret that was just added may not have been seen yet: a signature that does not verify has the store
    /// asked again, but no more often than this for one fleet, whoever sends what.
    private static let doubt: Duration = .milliseconds(250)

    private let store: any PartnerStore
    private let coldLane: ColdLane
    private let clock: any WallClock
    private let cache: RevisionedCache<FleetID, [PartnerKey]>

    /// - Parameters:
    ///   - clock: by which secrets expire.
    ///   - steadyClock: by which what is known grows old.
    ///   - isUnknown: whether a fleet certainly does not exist; asked only when there is no room for a look-up.
    package init(
        store: any PartnerStore, coldLane: ColdLane, revision: RevisionClock, clock: any WallClock,
        steadyClock: any SupervisionClock = SystemSupervisionClock(),
        isUnknown: @escaping @Sendable (FleetID) -> Bool = { _ in false }
    ) {
        self.store = store
        self.coldLane = coldLane
        self.clock = clock
        cache = RevisionedCache(
            coldLane: coldLane, revision: revision, clock: steadyClock, isAbsent: isUnknown
        ) { ids async throws(StoreError) in
            try await store.signingSecrets(for: ids).mapValues { $0.map(PartnerKey.init) }
        }
    }

    /// What the cache holds, for metrics.
    package var use: CacheUse { cache.use }

    /// The live keys of a fleet, none for an unknown one; nil when the store has to be asked.
    package func knownKeys(of fleetID: FleetID) -> [PartnerKey]? {
        switch cache.known(fleetID) {
        case .value(let keys, _): live(keys)
        case .absent: []
        case .unsure: nil
        }
    }

    /// Whether the store may know more of a fleet's secrets than is known here.
    package func mayBeStale(_ fleetID: FleetID) -> Bool {
        !cache.wasAsked(fleetID, within: Self.doubt)
    }

    /// The live keys of a fleet from the store; none for an unknown fleet. Without room to ask, those that memory knows.
    /// - Parameter requester: whose share of the cold lane the look-up takes: anybody can name a fleet, and send a signature
    ///   that does not verify.
    package func keys(of fleetID: FleetID, askedBy requester: Requester) async throws(StoreError)
        -> [PartnerKey]
    {
        guard case .unsure = cache.known(fleetID) else {
            return live(try await cache.freshValue(for: fleetID, askedBy: requester) ?? [])
        }
        return live(try await cache.value(for: fleetID, askedBy: requester) ?? [])
    }

    /// The keys of a fleet that ended last. Each call asks the store, in the cold lane.
    package func endedKeys(
        of fleetID: FleetID, askedBy requester: Requester
    ) async throws(StoreError) -> [PartnerKey] {
        try await coldLane.run(for: requester) { () async throws(StoreError) in
            try await store.endedSecrets(of: fleetID).map(PartnerKey.init)
        }
    }

    private func live(_ keys: [PartnerKey]) -> [PartnerKey] {
        guard keys.contains(where: { $0.secret.expiresAt != nil }) else { return keys }
        let now = clock.now()
        return keys.filter { key in key.secret.expiresAt.map { $0 > now } ?? true }
    }
}
