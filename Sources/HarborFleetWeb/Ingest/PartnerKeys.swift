package import HarborFleet

/// The signing secrets of each fleet's partners, kept until `revisionChanged`, so that a known fleet's POST is
/// verified without asking the database, also while that is away.
package final class PartnerKeys: Sendable {
    /// A secret that was just added may not have been seen yet: a signature that does not verify has the store
    /// asked again, but no more often than this for one fleet, whoever sends what.
    private static let doubt: Duration = .milliseconds(250)

    private let clock: any WallClock
    private let lookUps: LookUps<FleetID, [SigningSecret]>

    package init(store: any PartnerStore, clock: any WallClock) {
        self.clock = clock
        lookUps = LookUps(clock: clock) { fleetID async throws(StoreError) in
            let secrets = try await store.signingSecrets(for: fleetID)
            return secrets.isEmpty ? nil : secrets
        }
    }

    /// Forgets what the store said before.
    package func revisionChanged() {
        lookUps.changed()
    }

    /// The live secrets of a fleet, none for an unknown one; nil when the store has to be asked.
    func knownSecrets(of fleetID: FleetID) -> [SigningSecret]? {
        switch lookUps.known(fleetID) {
        case .answer(let secrets, _): live(secrets)
        case .refused: []
        case .unknown: nil
        }
    }

    /// Whether the store may know more of a fleet's secrets than is known here.
    func mayBeStale(_ fleetID: FleetID) -> Bool {
        !lookUps.wasAsked(fleetID, within: Self.doubt)
    }

    /// The live secrets of a fleet from the store; none for an unknown fleet.
    func secrets(of fleetID: FleetID) async throws(StoreError) -> [SigningSecret] {
        live(try await lookUps.answer(for: fleetID) ?? [])
    }

    private func live(_ secrets: [SigningSecret]) -> [SigningSecret] {
        guard secrets.contains(where: { $0.expiresAt != nil }) else { return secrets }
        let now = clock.now()
        return secrets.filter { secret in secret.expiresAt.map { $0 > now } ?? true }
    }
}
