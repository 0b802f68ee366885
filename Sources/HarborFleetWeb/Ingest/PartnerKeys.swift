package import HarborFleet
internal import Synchronization

/// The signing secrets of each fleet's partners, kept until `revisionChanged`, so that a known fleet's POST is
/// verified without asking the database, also while that is away.
package final class PartnerKeys: Sendable {
    private struct Entry {
        var secrets: [SigningSecret]
        var askedAt: Timestamp
    }

    /// A secret that was just added may not have been seen yet: a signature that does not verify has the store
    /// asked again, but no more often than this for one fleet, whoever sends what.
    private static let doubt: Duration = .milliseconds(250)
    /// Fleets kept at most; ids that exist nowhere fill it too, so it is emptied when full.
    private static let capacity = 10_000

    private let store: any PartnerStore
    private let clock: any WallClock
    private let known = Mutex<(generation: UInt64, entries: [FleetID: Entry])>((0, [:]))

    package init(store: any PartnerStore, clock: any WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Forgets what the store said before.
    package func revisionChanged() {
        known.withLock { known in
            known.generation &+= 1
            known.entries.removeAll(keepingCapacity: true)
        }
    }

    /// The live secrets of a fleet; nil when the store has to be asked.
    func knownSecrets(of fleetID: FleetID) -> [SigningSecret]? {
        known.withLock { $0.entries[fleetID] }.map { live($0.secrets) }
    }

    /// Whether the store may know more of a fleet's secrets than is known here.
    func mayBeStale(_ fleetID: FleetID) -> Bool {
        guard let entry = known.withLock({ $0.entries[fleetID] }) else { return true }
        return entry.askedAt.advanced(by: Self.doubt) <= clock.now()
    }

    /// The live secrets of a fleet from the store; none for an unknown fleet.
    func secrets(of fleetID: FleetID) async throws(StoreError) -> [SigningSecret] {
        let generation = known.withLock { $0.generation }
        let askedAt = clock.now()
        let secrets = try await store.signingSecrets(for: fleetID)
        known.withLock { known in
            guard known.generation == generation else { return }
            if known.entries.count >= Self.capacity { known.entries.removeAll(keepingCapacity: true) }
            known.entries[fleetID] = Entry(secrets: secrets, askedAt: askedAt)
        }
        return live(secrets)
    }

    private func live(_ secrets: [SigningSecret]) -> [SigningSecret] {
        guard secrets.contains(where: { $0.expiresAt != nil }) else { return secrets }
        let now = clock.now()
        return secrets.filter { secret in secret.expiresAt.map { $0 > now } ?? true }
    }
}
