package import Endpoint
internal import EventLoops
package import FleetAccess
internal import HTTP1
internal import HTTPTypes
package import HarborFleet
package import StoreCache
package import Supervision
internal import Synchronization

/// Authenticates clients that read.
///
/// The authenticator caches what the store said about a credential until the revision changes; it learns of any
/// change to the tokens within a second. So a read with a known token waits for nothing, even while the database
/// is unavailable. Credentials that unauthenticated clients make up are refused by their form, their MAC or the list
/// of tokens; the rest goes through the `ColdLane`. Sessions have no revision: a known session is looked up again
/// once a minute, without delaying its requests.
package final class Authenticator: Sendable {
    /// How long a loop trusts an identity within its `generation`, unless the identity expires earlier. After
    /// that the age of the cached entry is checked again.
    private static let trust: Duration = .seconds(1)
    /// The largest number of cached sessions. Beyond it the coldest session is evicted.
    private static let sessionsHeld = 10_000

    private let clock: any WallClock
    private let publicRead: Bool
    /// The cache's component must run: it loads tokens before clients show them, so that they are valid in an
    /// outage too.
    package let tokens: TokenCache
    private let sessions: RevisionedCache<[UInt8], Token>
    package let signer: SessionSigner
    private let changes = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - signer: distinguishes the server's own sessions from made-up ones.
    ///   - publicRead: reads need no token, and any credential that is shown is ignored.
    ///   - clock: the clock by which credentials expire.
    ///   - steadyClock: the clock by which cached entries age.
    package init(
        tokens: any TokenStore, sessions: any SessionStore, signer: SessionSigner, coldLane: ColdLane,
        revision: RevisionClock, publicRead: Bool, clock: any WallClock,
        steadyClock: any SupervisionClock = SystemSupervisionClock()
    ) {
        self.publicRead = publicRead
        self.clock = clock
        self.signer = signer
        self.tokens = TokenCache(
            store: tokens, coldLane: coldLane, revision: revision, clock: steadyClock)
        var rules = RevisionedCacheRules()
        rules.values = Self.sessionsHeld
        self.sessions = RevisionedCache(
            rules: rules, coldLane: coldLane, revision: revision, clock: steadyClock
        ) { hashes async throws(StoreError) in try await sessions.tokens(sessionHashes: hashes) }
        // Registered after the caches: a reader that sees the new number also sees their new state.
        revision.onChange { [weak self] in self?.changes.add(1, ordering: .releasing) }
    }

    /// Runs `handler` with the reader: at once if the reader is known, after a look-up otherwise.
    /// - Parameter last: the reader of the last request with the same head.
    /// - Throws: `Problem` 401 when the request shows no valid credential; what `handler` throws.
    package func authenticated(
        _ request: Request, last: Reader?, _ handler: @escaping @Sendable (Request, Reader) throws -> Reply
    ) throws -> Reply {
        if let reader = try knownReader(of: request, last: last) { return try handler(request, reader) }
        return .decidedLater { try handler(request, try await self.reader(of: request)) }
    }

    /// The same, for a route that stores nothing but the reader with the head.
    package func authenticated(
        _ request: Request, _ handler: @escaping @Sendable (Request, Identity) throws -> Reply
    ) throws -> Reply {
        let last = request.kept as? Reader
        return try authenticated(request, last: last) { request, reader in
            if reader !== last { request.keep(reader) }
            return try handler(request, reader.identity)
        }
    }

    /// Increases when earlier results may be wrong. Read it before you look anything up.
    var generation: UInt64 { changes.load(ordering: .acquiring) }

    /// The reader, if the caches know a valid one.
    /// - Parameter last: the reader of the last request with the same head.
    /// - Returns: nil when the store must be asked, see `reader(of:)`.
    /// - Throws: `Problem` 401 when the request shows no valid credential.
    func knownReader(
        of request: Request, last: Reader? = nil, tokenFromQuery: Bool = false
    ) throws -> Reader? {
        // Read before any cached value, so that no change after it is missed.
        let generation = generation
        if let last, last.isStill(for: request, generation: generation) {
            guard !hasExpired(last.identity) else { throw Problem.unauthorized }
            return last
        }
        guard !publicRead else { return found(.anyone, by: nil, of: request, generation) }
        guard case .known(let credential, let token) = try judged(request, tokenFromQuery) else { return nil }
        return found(Identity(token), by: credential, of: request, generation)
    }

    /// The reader, after a look-up.
    /// - Throws: `Problem` 401 when the request shows no valid credential; `StoreError` when the store cannot
    ///   be asked.
    func reader(of request: Request, tokenFromQuery: Bool = false) async throws -> Reader {
        let generation = generation
        guard !publicRead else { return found(.anyone, by: nil, of: request, generation) }
        let (credential, token) =
            switch try judged(request, tokenFromQuery) {
            case .known(let credential, let token): (credential, token)
            case .unsure(let credentials): try await lookedUp(credentials, askedBy: request.requester)
            }
        return found(Identity(token), by: credential, of: request, generation)
    }

    private func found(
        _ identity: Identity, by credential: Credential?, of request: Request, _ generation: UInt64
    ) -> Reader {
        Reader(
            identity, by: credential, generation: generation,
            until: request.receivedAt.advanced(by: Self.trust))
    }

    // MARK: The credential that counts

    private enum Judgement {
        /// The first credential that the caches know to be valid. It stays valid while the store is unavailable.
        case known(Credential, Token)
        /// Credentials that may be valid; the store must be asked.
        case unsure([Credential])
    }

    private func judged(_ request: Request, _ tokenFromQuery: Bool) throws -> Judgement {
        guard let shown = ShownCredentials(request, fromQuery: tokenFromQuery) else {
            throw Problem.unauthorized
        }
        var unsure: [Credential] = []
        for credential in shown {
            do {
                if let token = try knownToken(behind: credential) {
                    return .known(credential, token)
                }
                unsure.append(credential)
            } catch Problem.unauthorized {}
        }
        guard !unsure.isEmpty else { throw Problem.unauthorized }
        return .unsure(unsure)
    }

    /// Looks up all sessions with a right MAC at once. Of the credentials that an unauthenticated client may
    /// have made up, a request looks up only the first. If that one is not valid, the cache remembers it, and
    /// the next request tries the next one.
    private func lookedUp(
        _ credentials: [Credential], askedBy requester: Requester
    ) async throws -> (Credential, Token) {
        let ours = credentials.filter(isOurs)
        let tokens = try await sessions.values(for: ours.map(\.hash))
        for credential in ours {
            guard let token = tokens[credential.hash], let live = try? valid(token) else { continue }
            return (credential, live)
        }
        guard let other = credentials.first(where: { !ours.contains($0) }) else {
            throw Problem.unauthorized
        }
        return (other, try await token(behind: other, askedBy: requester))
    }

    /// Whether the credential is a session with a right MAC, live or not: then no client can have made it up.
    package func isOurs(_ credential: Credential) -> Bool {
        guard case .session(let text) = credential else { return false }
        return signer.judge(text) == .ours
    }

    /// The use of the caches, for metrics.
    package var uses: [(name: String, use: CacheUse)] {
        [("tokens", tokens.tokens.use), ("sessions", sessions.use)]
    }

    /// The identity behind a credential.
    /// - Parameter requester: the client whose share of the cold lane a look-up uses; nil for a credential that
    ///   was valid before.
    /// - Throws: `Problem` 401 when it is not valid; `StoreError` when the store cannot be asked.
    func identity(of credential: Credential, askedBy requester: Requester?) async throws -> Identity {
        Identity(try await token(behind: credential, askedBy: requester))
    }

    /// The live token behind a credential, as `identity(of:askedBy:)`.
    package func token(behind credential: Credential, askedBy requester: Requester?) async throws -> Token {
        if let token = try knownToken(behind: credential) { return token }
        let token: Token?
        switch credential {
        case .token: token = try await tokens.tokens.value(for: credential.hash, askedBy: requester)
        case .session:
            // A session with a right MAC uses no share of the cold lane.
            token = try await sessions.value(
                for: credential.hash, askedBy: isOurs(credential) ? nil : requester)
        }
        guard let token else { throw Problem.unauthorized }
        return try valid(token)
    }

    /// The live token behind a credential, if the caches know it.
    /// - Returns: nil when the store must be asked.
    /// - Throws: `Problem` 401 when it is not valid.
    package func knownToken(behind credential: Credential) throws -> Token? {
        let hash = credential.hash
        let known: RevisionedCache<[UInt8], Token>.State.Known
        switch credential {
        case .token: known = tokens.tokens.known(hash)
        case .session(let text):
            known = sessions.known(hash)
            if case .unsure = known, signer.judge(text) == .madeUp { throw Problem.unauthorized }
        }
        switch known {
        case .value(let token, _): return try valid(token)
        case .absent: throw Problem.unauthorized
        case .unsure: return nil
        }
    }

    /// How long until an identity expires; nil when it does not.
    func remaining(of identity: Identity) -> Duration? {
        identity.expiresAt?.since(clock.now())
    }

    /// Whether the identity's credential has expired.
    func hasExpired(_ identity: Identity) -> Bool {
        identity.expiresAt.map { $0 <= clock.now() } ?? false
    }

    private func valid(_ token: Token) throws -> Token {
        if let expiresAt = token.expiresAt, expiresAt <= clock.now() { throw Problem.unauthorized }
        return token
    }

    // MARK: Sessions that begin and end on this server

    /// Read it before a session's token is looked up, see `sessionMade`.
    package var sessionChanges: UInt64 { sessions.changes }

    /// Caches a session that was made here, unless something has changed since `changes` was read.
    package func sessionMade(_ credential: Credential, of token: Token, asOf changes: UInt64) {
        sessions.made(credential.hash, token, asOf: changes)
    }

    /// Forgets a session that ended here.
    package func sessionEnded(hash: [UInt8]) {
        sessions.changed(hash)
        changes.add(1, ordering: .releasing)
    }
}
