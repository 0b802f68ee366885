package import HarborFleet
package import StoreCache

/// The store of partners, which may POST fixes. It keeps the secrets sealed; in this interface they are plain.
package protocol PartnerStore: Sendable {
    /// Every partner, including revoked ones, in any order.
    func partners() async throws(StoreError) -> [Partner]

    /// The valid secrets of all partners of each fleet, at most `SigningSecret.maximumPerFleet` per fleet; the
    /// newest secret of each partner comes first. Revoked partners and expired secrets are left out.
    func signingSecrets(for fleetIDs: [FleetID]) async throws(StoreError) -> [FleetID: [SigningSecret]]

    /// The most recently ended secrets of a fleet's partners, at most `SigningSecret.maximumPerFleet`: revoked
    /// ones, those of revoked partners, and those that expired after a rotation. `expiresAt` is the time at which
    /// the secret ended.
    func endedSecrets(of fleetID: FleetID) async throws(StoreError) -> [SigningSecret]

    /// Adds a partner with its first secret. Throws `.alreadyExists`, or `.notFound` with the name of an unknown
    /// fleet.
    func add(_ partner: Partner, secret: [UInt8]) async throws(StoreError)

    /// Adds a new secret. The earlier ones stay valid until `oldSecretsExpireAt`, but at most
    /// `Partner.maximumSecrets` in all; older ones end at once. Throws `.notFound`.
    /// - Returns: the number of secrets that ended at once.
    @discardableResult
    func rotate(
        _ id: PartnerID, secret: [UInt8], oldSecretsExpireAt: Timestamp
    ) async throws(StoreError) -> Int

    /// Ends a partner and all its secrets at once. Throws `.notFound`.
    func revoke(_ id: PartnerID) async throws(StoreError)

    /// Changes the settings of a partner. Throws `.notFound`.
    /// - Returns: the new settings.
    func set(_ change: PartnerChange, of id: PartnerID) async throws(StoreError) -> PartnerSettings

    /// The fleets of the partner that have more valid secrets than a verifier tries, counting the secrets of all
    /// partners, with the number of secrets.
    func crowdedFleets(of id: PartnerID) async throws(StoreError) -> [FleetID: Int]

    /// Records that a partner's signature was verified, unless that was recorded less than a minute ago. Does
    /// nothing when the partner does not exist. Requests call `PartnerUses.noteUse` instead, which does not wait.
    func noteUse(of id: PartnerID, now: Timestamp) async throws(StoreError)
}

extension PartnerStore {
    /// As above, for one fleet.
    package func signingSecrets(for fleetID: FleetID) async throws(StoreError) -> [SigningSecret] {
        try await signingSecrets(for: [fleetID])[fleetID] ?? []
    }
}

/// A partner that may POST fixes for certain fleets.
package struct Partner: Sendable, Equatable {
    /// The maximum number of valid secrets of one partner. A verifier tries `SigningSecret.maximumPerFleet` secrets
    /// of all partners.
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

/// The settings of a partner that an operator can change.
package struct PartnerSettings: Sendable, Equatable {
    package var limits: PartnerLimits
    /// Whether each body must name its fleet.
    package var requiresFleetID: Bool

    package init(limits: PartnerLimits = .none, requiresFleetID: Bool = false) {
        self.limits = limits
        self.requiresFleetID = requiresFleetID
    }
}

/// A change of a partner's settings; nil and `keep` leave a setting as it is.
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

/// How a partner's POST is bound to one of its fleets, because a signature does not cover the path.
package enum FleetBinding: Sendable, Equatable {
    /// The partner has only one fleet.
    case oneFleet
    /// The body must name the fleet, and the signature covers the body.
    case member
    /// The server remembers for which fleet a POST came, for as long as the same POST could come again.
    case memory
}

/// A key that verifies a partner's signature. Its description does not show the key.
package struct SigningSecret: Sendable, Equatable, CustomStringConvertible {
    /// The maximum number of a fleet's secrets that a verifier tries.
    package static let maximumPerFleet = 16

    package var partnerID: PartnerID
    /// The key of the HMAC: the text after `whsec_`, decoded.
    package var key: [UInt8]
    /// When the secret stops being valid; nil while it does not expire.
    package var expiresAt: Timestamp?
    /// The limits of the partner.
    package var limits: PartnerLimits
    /// The fleet binding of the partner.
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
