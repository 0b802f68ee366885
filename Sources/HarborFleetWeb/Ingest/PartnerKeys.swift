package import HarborFleet

/// The signing secrets of each fleet's partners, kept until `revisionChanged`, so that a known fleet's POST is
/// verified without asking the database, also while that is away.
package final class PartnerKeys: Sendable {
    /// A secret that was just added may not have been seen yet: a signature that does not verify has the store
    /// asked again, but no more often than this for one fleet, whoever sends what.
    private static let doubt: Duration = .milliseconds(250)

    private let clock: any WallClock
    private let lookUps: LookUps<FleetID, [PartnerKey]>

    package init(store: any PartnerStore, clock: any WallClock) {
        self.clock = clock
        lookUps = LookUps(clock: clock) { fleetID async throws(StoreError) in
            let secrets = try await store.signingSecrets(for: fleetID)
            return secrets.isEmpty ? nil : secrets.map(PartnerKey.init)
        }
    }

    /// Forgets what the store said before.
    package func revisionChanged() {
        lookUps.changed()
    }

    /// The live keys of a fleet, none for an unknown one; nil when the store has to be asked.
    func knownKeys(of fleetID: FleetID) -> [PartnerKey]? {
        switch lookUps.known(fleetID) {
        case .answer(let keys, _): live(keys)
        case .refused: []
        case .unknown: nil
        }
    }

    /// Whether the store may know more of a fleet's secrets than is known here.
    func mayBeStale(_ fleetID: FleetID) -> Bool {
        !lookUps.wasAsked(fleetID, within: Self.doubt)
    }

    /// The live keys of a fleet from the store; none for an unknown fleet.
    func keys(of fleetID: FleetID) async throws(StoreError) -> [PartnerKey] {
        live(try await lookUps.answer(for: fleetID) ?? [])
    }

    private func live(_ keys: [PartnerKey]) -> [PartnerKey] {
        guard keys.contains(where: { $0.secret.expiresAt != nil }) else { return keys }
        let now = clock.now()
        return keys.filter { key in key.secret.expiresAt.map { $0 > now } ?? true }
    }
}
