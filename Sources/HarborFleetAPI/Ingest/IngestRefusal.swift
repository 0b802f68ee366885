internal import HarborFleet

/// A POST of fixes that is not taken for a signed one. Whatever the cause, the client gets `Problem.badSignature`: the
/// cause is for the operator, see `IngestRefusals`.
struct IngestRefusal: Error, Equatable {
    /// The value of the counter's label `cause`.
    enum Cause: String, CaseIterable {
        /// One of the three `webhook-…` fields is missing.
        case headerMissing = "header_missing"
        /// One of them cannot be read.
        case headerMalformed = "header_malformed"
        /// `webhook-timestamp` is too far from our clock.
        case stale
        /// There is no such fleet.
        case unknownFleet = "unknown_fleet"
        /// No live secret of the fleet's partners verifies the signature.
        case noSecretFits = "no_secret_fits"
        /// A secret verifies it that was revoked, or whose time after a rotation is over. It is found afterwards, see
        /// `IngestRefusals`.
        case revoked
        /// The same signed POST came for another fleet of the partner.
        case otherFleet = "other_fleet"
    }

    let cause: Cause
    /// The fleet of the path, when that is one's id.
    var fleetID: FleetID?
    /// The partner whose secret verified the signature.
    var partnerID: PartnerID?
    /// How far `webhook-timestamp` is behind our clock; negative when it is ahead.
    var staleBySeconds: Int64?
    /// The fields that are missing or malformed, `webhook-id, webhook-timestamp`.
    var header: String?
    /// What no secret fits.
    var post: SignedPost?
}
