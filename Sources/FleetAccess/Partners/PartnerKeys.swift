package import HarborFleet
package import StoreCache
package import Supervision

/// Caches the signing secrets of each fleet's partners until the revision changes. A POST for a known fleet is
/// verified without asking the database, even while the database is unavailable.
package final class PartnerKeys: Sendable {
    /// A secret that was just added may not be known yet. So a signature that does not verify makes the server ask
    /// the store again, but at most this often for one fleet, whatever clients send.
    private static let doubt: Duration = .milliseconds(250)

    private let store: any PartnerStore
    private let coldLane: ColdLane
    private let clock: any WallClock
    private let cache: RevisionedCache<FleetID, [PartnerKey]>

    /// - Parameters:
    ///   - clock: the clock by which secrets expire.
    ///   - steadyClock: the clock by which cached values age.
    ///   - isUnknown: whether a fleet certainly does not exist; called only when there is no room for a look-up.
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

    /// The use of the cache, for metrics.
    package var use: CacheUse { cache.use }

    /// The valid keys of a fleet, none for an unknown fleet; nil when the store must be asked.
    package func knownKeys(of fleetID: FleetID) -> [PartnerKey]? {
        switch cache.known(fleetID) {
        case .value(let keys, _): live(keys)
        case .absent: []
        case .unsure: nil
        }
    }

    /// Whether the store may have newer secrets of a fleet than this cache.
    package func mayBeStale(_ fleetID: FleetID) -> Bool {
        !cache.wasAsked(fleetID, within: Self.doubt)
    }

    /// Returns the valid keys of a fleet from the store; none for an unknown fleet. Without room for a look-up it
    /// returns the cached ones.
    /// - Parameter requester: the requester whose share of the cold lane the look-up uses: any client can name a
    ///   fleet and send a signature that does not verify.
    package func keys(of fleetID: FleetID, askedBy requester: Requester) async throws(StoreError)
        -> [PartnerKey]
    {
        guard case .unsure = cache.known(fleetID) else {
            return live(try await cache.freshValue(for: fleetID, askedBy: requester) ?? [])
        }
        return live(try await cache.value(for: fleetID, askedBy: requester) ?? [])
    }

    /// The most recently ended keys of a fleet. Each call asks the store, in the cold lane.
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
