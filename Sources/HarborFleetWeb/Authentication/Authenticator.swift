package import Endpoint
package import EventLoops
internal import HTTP1
internal import HTTPTypes
package import HarborFleet

/// Finds out who reads.
///
/// What the store said of a credential is kept until `revisionChanged` is called, which happens within a second
/// of any change to the tokens; so a read of a known token waits for nothing, also while the database is away. A token
/// that was not shown since is then looked for in the roster.
/// Sessions have no revision: what is known of a credential is asked for again, beside its use, once a minute.
package final class Authenticator: Sendable {
    /// How long a loop takes an identity for granted within its `generation`, but for its expiry: then the age of
    /// what the store said is looked at again.
    static let trust: Duration = .seconds(1)

    private let clock: any WallClock
    private let publicRead: Bool
    private let lookUps: LookUps<Credential, Identity>
    /// Its component has to run, for tokens to be known in an outage before they are shown.
    package let roster: TokenRoster
    private let memos: PerLoop<BearerMemo>

    /// - Parameters:
    ///   - publicRead: reads need no token, and whatever is shown is not looked at.
    ///   - loops: those that serve requests; on them a bearer's repeated reads cost the least.
    package init(
        tokens: any TokenStore, sessions: any SessionStore, publicRead: Bool, clock: any WallClock,
        loops: [EventLoop] = []
    ) {
        self.publicRead = publicRead
        self.clock = clock
        let roster = TokenRoster(store: tokens)
        self.roster = roster
        memos = PerLoop(loops) { BearerMemo() }
        lookUps = LookUps(clock: clock) { credential async throws(StoreError) in
            let token =
                switch credential {
                case .token: try await roster.token(hash: credential.hash)
                case .session: try await sessions.token(sessionHash: credential.hash)
                }
            return token.map(Identity.init)
        }
    }

    /// Runs `handler` with the reader's identity: at once when it is known, after a look-up when it is not.
    /// - Throws: `Problem` 401 when the request shows no valid credential; what `handler` throws.
    package func authenticated(
        _ request: Request, tokenFromQuery: Bool = false,
        _ handler: @escaping @Sendable (Request, Identity) throws -> Reply
    ) throws -> Reply {
        if let identity = try knownIdentity(of: request, tokenFromQuery: tokenFromQuery) {
            return try handler(request, identity)
        }
        return .decidedLater {
            try handler(request, try await self.identity(of: request, tokenFromQuery: tokenFromQuery))
        }
    }

    /// Rises when what was found out before may be wrong. Read it before you find out.
    var generation: UInt64 { lookUps.generation }

    /// The reader's identity when it is known, without a lock where this loop has seen the bearer before.
    /// - Returns: nil when the store has to be asked, see `identity(of:)`.
    /// - Throws: `Problem` 401 when the request shows no valid credential.
    func knownIdentity(of request: Request, tokenFromQuery: Bool = false) throws -> Identity? {
        if publicRead { return .anyone }
        // Before anything known is read: see `LookUps.generation`.
        let generation = lookUps.generation
        let memo = memos[request.loop]
        if let identity = memo?.identity(of: request, generation: generation) { return try valid(identity) }
        guard let credential = Credential(request, fromQuery: tokenFromQuery) else {
            throw Problem.unauthorized
        }
        guard let identity = try knownIdentity(of: credential) else { return nil }
        memo?.remember(identity, of: request, generation: generation)
        return identity
    }

    /// The reader's identity, after a look-up.
    /// - Throws: `Problem` 401 when the request shows no valid credential; `StoreError` when that cannot be found
    ///   out.
    func identity(of request: Request, tokenFromQuery: Bool = false) async throws -> Identity {
        if publicRead { return .anyone }
        guard let credential = Credential(request, fromQuery: tokenFromQuery) else {
            throw Problem.unauthorized
        }
        return try await lookUp(credential)
    }

    /// Forgets what the store said before: a token, a session or a scope may have changed.
    package func revisionChanged() {
        // First: a look-up from now on is not to find there what is held no more.
        roster.revisionChanged()
        lookUps.changed()
    }

    /// Forgets one session that was ended here.
    func forget(_ credential: Credential) {
        lookUps.changed(credential)
    }

    /// Who shows this credential.
    /// - Throws: `Problem` 401 when it is not valid; `StoreError` when that cannot be found out.
    func identity(of credential: Credential) async throws -> Identity {
        if let identity = try knownIdentity(of: credential) { return identity }
        return try await lookUp(credential)
    }

    /// The time by which identities expire.
    var now: Timestamp { clock.now() }

    /// How long until an identity expires; nil when it does not.
    func remaining(of identity: Identity) -> Duration? {
        identity.expiresAt?.since(clock.now())
    }

    /// - Returns: nil when the store has to be asked.
    private func knownIdentity(of credential: Credential) throws -> Identity? {
        switch lookUps.known(credential) {
        case .answer(let identity, _): try valid(identity)
        case .refused: throw Problem.unauthorized
        case .unknown: nil
        }
    }

    private func valid(_ identity: Identity) throws -> Identity {
        if let remaining = remaining(of: identity), remaining <= .zero { throw Problem.unauthorized }
        return identity
    }

    private func lookUp(_ credential: Credential) async throws -> Identity {
        guard let identity = try await lookUps.knownAnswer(for: credential) else {
            throw Problem.unauthorized
        }
        return try valid(identity)
    }
}
