/// Who may POST fixes. The store seals the secrets at rest; here they are plain.
package protocol PartnerStore: Sendable {
    /// Every partner, the revoked ones too, in any order.
    func partners() async throws(StoreError) -> [Partner]

    /// The live secrets of all partners of a fleet, at most `SigningSecret.maximumPerFleet`: the newest of each
    /// partner come first. Of revoked partners and expired secrets none.
    func signingSecrets(for fleetID: FleetID) async throws(StoreError) -> [SigningSecret]

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

    /// Changes the rate limits. Throws `.notFound`.
    /// - Returns: those that hold from now on.
    func setLimits(
        of id: PartnerID, fixesPerSecond: LimitChange, requestsPerSecond: LimitChange
    ) async throws(StoreError) -> PartnerLimits

    /// The partner's fleets that have more valid secrets than are tried, of whichever partners, and how many.
    func crowdedFleets(of id: PartnerID) async throws(StoreError) -> [FleetID: Int]

    /// Notes that a partner's signature verified, unless that was noted less than a minute ago. Nothing happens
    /// when the partner is gone. Requests do not call this but `PartnerUses.noteUse`, which does not wait.
    func noteUse(of id: PartnerID, now: Timestamp) async throws(StoreError)
}

/// Who may POST fixes for named fleets.
package struct Partner: Sendable, Equatable {
    /// Live secrets of one partner, at most: a verifier tries `SigningSecret.maximumPerFleet`, of all partners.
    package static let maximumSecrets = 4

    package var id: PartnerID
    package var fleets: [FleetID]
    package var createdAt: Timestamp
    package var revokedAt: Timestamp?
    package var limits: PartnerLimits

    package init(
        id: PartnerID, fleets: [FleetID], createdAt: Timestamp, revokedAt: Timestamp? = nil,
        limits: PartnerLimits = .none
    ) {
        self.id = id
        self.fleets = fleets
        self.createdAt = createdAt
        self.revokedAt = revokedAt
        self.limits = limits
    }
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

    package init(
        partnerID: PartnerID, key: [UInt8], expiresAt: Timestamp? = nil, limits: PartnerLimits = .none
    ) {
        self.partnerID = partnerID
        self.key = key
        self.expiresAt = expiresAt
        self.limits = limits
    }

    package var description: String { "signing secret of \(partnerID)" }
}
