internal import HarborFleet

/// A POST of fixes that is refused as not properly signed. Whatever the cause, the client gets
/// `Problem.badSignature`: only the operator learns the cause, see `IngestRefusals`.
struct IngestRefusal: Error, Equatable {
    /// The value of the counter's label `cause`.
    enum Cause: String, CaseIterable {
        /// One of the three `webhook-…` fields is missing.
        case headerMissing = "header_missing"
        /// One of the three fields cannot be read.
        case headerMalformed = "header_malformed"
        /// `webhook-timestamp` is too far from our clock.
        case stale
        /// There is no such fleet.
        case unknownFleet = "unknown_fleet"
        /// No live secret of the fleet's partners verifies the signature.
        case noSecretFits = "no_secret_fits"
        /// The secret that verifies it was revoked, or its time after a rotation is over. This is found out
        /// after the response, see `IngestRefusals`.
        case revoked
        /// The same signed POST was sent to another fleet of the partner before.
        case otherFleet = "other_fleet"
    }

    let cause: Cause
    /// The fleet of the path, if the path holds a valid fleet id.
    var fleetID: FleetID?
    /// The partner whose secret verified the signature.
    var partnerID: PartnerID?
    /// How far `webhook-timestamp` is behind our clock; negative when it is ahead.
    var staleBySeconds: Int64?
    /// The fields that are missing or malformed, `webhook-id, webhook-timestamp`.
    var header: String?
    /// The POST that no secret verifies.
    var post: SignedPost?
}
