internal import EventLoops

/// The credential that a live subscriber came with, to be looked at again when tokens change, when it expires,
/// and once a minute, because a session may end without either.
struct LiveAccess: Sendable {
    private static let period: Duration = .seconds(60)

    /// nil where reads need no token.
    let credential: Credential?
    /// Who it was when it was looked at last.
    var identity: Identity
    let authenticator: Authenticator

    /// How long it is good without being looked at; nil where reads need no token.
    var goodFor: Duration? {
        guard credential != nil else { return nil }
        return min(authenticator.remaining(of: identity) ?? Self.period, Self.period)
    }

    /// Whether it has expired, whatever the store says, or does not.
    var hasExpired: Bool {
        guard let goodFor else { return false }
        return goodFor <= .zero
    }
}
