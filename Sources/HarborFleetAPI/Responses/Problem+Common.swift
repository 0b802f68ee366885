internal import HTTPTypes

extension Problem {
    /// No valid credential was shown (RFC 6750, section 3).
    package static let unauthorized = Problem(
        .unauthorized, "unauthorized", detail: "A valid bearer token is needed to read.",
        fields: [.wwwAuthenticate: "Bearer realm=\"harbor-fleet\""])

    /// The same response to every POST of fixes whose signature is not valid, so that it does not reveal which
    /// fleets exist.
    static let badSignature = Problem(
        .unauthorized, "bad-signature",
        detail: "The request is not signed by a partner of this fleet, or its webhook-timestamp is stale.",
        fields: [.wwwAuthenticate: "Webhook-Signature realm=\"harbor-fleet\""])

    /// The fleet is unknown, or the reader may not see it: both get the same response.
    package static let unknownFleet = Problem(
        .notFound, "unknown-fleet", detail: "There is no such fleet.")

    static let unknownVehicle = Problem(
        .notFound, "unknown-vehicle", detail: "There is no such vehicle in this fleet.")

    static let preconditionFailed = Problem(
        .preconditionFailed, "precondition-failed", detail: "If-Match names none of the present entity tags.")

    /// A page of another site asks, with a cookie or without any credential (RFC 6454).
    /// - Parameter detail: what is wrong, and what would help.
    static func foreignOrigin(_ detail: String) -> Problem {
        Problem(.forbidden, "foreign-origin", detail: detail)
    }

    /// The request names a host that is not this server's (RFC 9110, section 15.5.20).
    static let misdirected = Problem(
        .misdirectedRequest, "misdirected-request",
        detail: """
            Reads without a token must address this server by one of its own names. Use its IP address, or set \
            HARBOR_ALLOWED_ORIGINS to the address in the browser; behind a proxy, set HARBOR_TRUSTED_PROXIES.
            """)

    /// - Parameter wait: the time until one more sign-in may fail.
    static func tooManySignIns(retryAfter wait: Duration) -> Problem {
        Problem(
            .tooManyRequests, "too-many-sign-ins",
            detail: "Too many sign-ins from this address failed. Check the token, and retry shortly.",
            fields: [.retryAfter: "\(max(wait.wholeSeconds, 1))"])
    }

    /// The key that signs sessions is not known yet.
    package static let notReadyToSignIn = Problem.unavailable(
        "Signing in is not possible until the server has reached its database. Retry shortly.",
        retryAfter: 1)

    static let unsupportedEncoding = Problem(
        .unsupportedMediaType, "unsupported-encoding",
        detail: "Send the body uncompressed, or compressed once with gzip.",
        fields: [.acceptEncoding: "gzip, identity"])

    /// - Parameter reason: what is wrong with the body, as a clause.
    static func malformedGzip(_ reason: String) -> Problem {
        Problem(
            .badRequest, "malformed-gzip", detail: "The body is not valid gzip: \(reason).")
    }

    /// - Parameter limit: bytes.
    static func contentTooLarge(limit: Int) -> Problem {
        Problem(
            .contentTooLarge, "content-too-large",
            detail: "The body is larger than \(limit) bytes when decompressed.")
    }

    /// - Parameters:
    ///   - limit: what the limit counts: fixes or requests.
    ///   - retryAfter: seconds.
    static func rateLimited(limit: String, retryAfter: Int) -> Problem {
        Problem(
            .tooManyRequests, "rate-limited",
            detail: "This partner's limit of \(limit) per second is reached.",
            fields: [.retryAfter: "\(max(retryAfter, 1))"])
    }

    /// The database refuses a fix that passed all our checks. The other POSTs of its transaction were stored.
    static let notStorable = Problem(
        .unprocessableContent, "not-storable",
        detail: "The database refuses a fix in this body, and would again. Nothing of the body was stored."
    )

    /// - Parameter retryAfter: seconds.
    static func unavailable(_ detail: String, retryAfter: Int) -> Problem {
        Problem(
            .serviceUnavailable, "unavailable", detail: detail,
            fields: [.retryAfter: "\(max(retryAfter, 1))"])
    }
}
