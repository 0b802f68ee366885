package import HarborFleet
package import StoreCache

/// Who may POST fixes. The store seals the secrets at rest; here they are plain.
package protocol PartnerStore: Sendable {
    /// Every partner, the revoked ones too, in any order.
    func partners() async throws(StoreError) -> [Partner]

    /// The live secrets of all partners of each of the fleets, at most `SigningSecret.maximumPerFleet`: the newest of each
    /// partner come first. Of revoked partners and expired secrets none.
    func signingSecrets(for fleetIDs: [FleetID]) async throws(StoreError) -> [FleetID: [SigningSecret]]

    /// The secrets of a fleet's partners that ended last, at most `SigningSecret.maximumPerFleet`: revoked ones, those of
    /// revoked partners, and those that expired after a rotation. `expiresAt` says when it ended.
    func endedSecrets(of fleetID: FleetID) async throws(StoreError) -> [SigningSecret]

    /// Adds a partner with its first secret. Throws `.alreadyExists`; `.notFound` names an unknown fleet.
    func add(_ partner: Partner, secret: [UInt8]) async throws(StoreError)

    /// Adds the next secret; the earlier ones stay valid until `oldSecretsExpireAt`, but no more than
    /// `Partner.maximumSecrets` in all: older ones end at once. Throws `.notFound`.
    /// - Returns: how many ended at once.
    @discardableResult
    func rotate(
        _ id: PartnerID, secret: [UInt8], oldSecretsExpireAt: Timestamp
    ) async throws(StoreError) -> Int

    /// Ends a partner and all its secrets at once. Throws `.notFound`.
    func revoke(_ id: PartnerID) async throws(StoreError)

    /// Changes what an operator can set. Throws `.notFound`.
    /// - Returns: what holds from now on.
    func set(_ change: PartnerChange, of id: PartnerID) async throws(StoreError) -> PartnerSettings

    /// The partner's fleets that have more valid secrets than are tried, of whichever partners, and how many.
    func crowdedFleets(of id: PartnerID) async throws(StoreError) -> [FleetID: Int]

    /// Notes that a partner's signature verified, unless that was noted less than a minute ago. Nothing happens
    /// when the partner is gone. Requests do not call this but `PartnerUses.noteUse`, which does not wait.
    func noteUse(of id: PartnerID, now: Timestamp) async throws(StoreError)
}

extension PartnerStore {
    /// As above, of one fleet.
    package func signingSecrets(for fleetID: FleetID) async throws(StoreError) -> [SigningSecret] {
        try await signingSecrets(for: [fleetID])[fleetID] ?? []
    }
}

/// Who may POST fixes for named fleets.
package struct Partner: Sendable, Equatable {
    /// Live secrets of one partner, at most: a verifier tries `SigningSecret.maximumPerFleet`, of all partners.
    package static let maximumSecrets = 4

    package var id: PartnerID
    package var fleets: [FleetID]
    package var createdAt: Timestamp
    package var revokedAt: Timestamp?
    package var settings: PartnerSettings

    package init(
        id: PartnerID, fleets: [FleetID], createdAt: Timestamp, revokedAt: Timestamp? = nil,
        settings: PartnerSettings = PartnerSettings()
    ) {
        self.id = id
        self.fleets = fleets
        self.createdAt = createdAt
        self.revokedAt = revokedAt
        self.settings = settings
    }
}

/// What an operator can set of a partner.
package struct PartnerSettings: Sendable, Equatable {
    package var limits: PartnerLimits
    /// Whether each body has to name its fleet.
    package var requiresFleetID: Bool

    package init(limits: PartnerLimits = .none, requiresFleetID: Bool = false) {
        self.limits = limits
        self.requiresFleetID = requiresFleetID
    }
}

/// What an operator changes of a partner; what is left out stays as it is.
package struct PartnerChange: Sendable, Equatable {
    package var fixesPerSecond: LimitChange
    package var requestsPerSecond: LimitChange
    package var requiresFleetID: Bool?

    package init(
        fixesPerSecond: LimitChange = .keep, requestsPerSecond: LimitChange = .keep,
        requiresFleetID: Bool? = nil
    ) {
        self.fixesPerSecond = fixesPerSecond
        self.requestsPerSecond = requestsPerSecond
        self.requiresFleetID = requiresFleetID
    }
}

/// What keeps a partner's POST for one of its fleets from being taken for another: a signature does not cover the path.
package enum FleetBinding: Sendable, Equatable {
    /// The partner has one fleet only.
    case oneFleet
    /// The body has to name the fleet, and the signature covers the body.
    case member
    /// The server remembers which fleet a POST came for, as long as it could come again.
    case memory
}

/// One key that verifies a partner's signature. Its description does not show the key.
package struct SigningSecret: Sendable, Equatable, CustomStringConvertible {
    /// So many of a fleet's secrets are tried, at most.
    package static let maximumPerFleet = 16

    package var partnerID: PartnerID
    /// The key of the HMAC: what stands behind `whsec_`, decoded.
    package var key: [UInt8]
    /// When it stops being valid; nil while nothing replaced it.
    package var expiresAt: Timestamp?
    /// The partner's.
    package var limits: PartnerLimits
    /// The partner's.
    package var fleetBinding: FleetBinding

    package init(
        partnerID: PartnerID, key: [UInt8], expiresAt: Timestamp? = nil, limits: PartnerLimits = .none,
        fleetBinding: FleetBinding = .oneFleet
    ) {
        self.partnerID = partnerID
        self.key = key
        self.expiresAt = expiresAt
        self.limits = limits
        self.fleetBinding = fleetBinding
    }

    package var description: String { "signing secret of \(partnerID)" }
}
