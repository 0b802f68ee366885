package import Endpoint
internal import EventLoops
package import FleetAccess
internal import HTTP1
internal import HTTPTypes
package import HarborFleet
package import StoreCache
package import Supervision
internal import Synchronization

/// Finds out who reads.
///
/// What the store said of a credential is kept until the revision changes, which is known within a second of any
/// change to the tokens. So a read of a known token waits for nothing, also while the database is away. What strangers
/// make up is refused by its form, its MAC or from the list of tokens; the rest of it goes through the `ColdLane`.
/// Sessions have no revision: a known one is asked for again, beside its use, once a minute.
package final class Authenticator: Sendable {
    /// How long a loop takes an identity for granted within its `generation`, but for its expiry: then the age of
    /// what the store said is looked at again.
    private static let trust: Duration = .seconds(1)
    /// Sessions that are held; beyond them the coldest goes.
    private static let sessionsHeld = 10_000

    private let clock: any WallClock
    private let publicRead: Bool
    /// Its component has to run, for tokens to be known in an outage before they are shown.
    package let tokens: TokenCache
    private let sessions: RevisionedCache<[UInt8], Token>
    package let signer: SessionSigner
    private let changes = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - signer: tells sessions from made-up ones.
    ///   - publicRead: reads need no token, and whatever is shown is not looked at.
    ///   - clock: by which credentials expire.
    ///   - steadyClock: by which what is known grows old.
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
        // After the caches: a reader of the new number sees the new state.
        revision.onChange { [weak self] in self?.changes.add(1, ordering: .releasing) }
    }

    /// Runs `handler` with the reader: at once when it is known, after a look-up when it is not.
    /// - Parameter last: who it was when the same head came last.
    /// - Throws: `Problem` 401 when the request shows no valid credential; what `handler` throws.
    package func authenticated(
        _ request: Request, last: Reader?, _ handler: @escaping @Sendable (Request, Reader) throws -> Reply
    ) throws -> Reply {
        if let reader = try knownReader(of: request, last: last) { return try handler(request, reader) }
        return .decidedLater { try handler(request, try await self.reader(of: request)) }
    }

    /// The same for a route that keeps nothing else with the head.
    package func authenticated(
        _ request: Request, _ handler: @escaping @Sendable (Request, Identity) throws -> Reply
    ) throws -> Reply {
        let last = request.kept as? Reader
        return try authenticated(request, last: last) { request, reader in
            if reader !== last { request.keep(reader) }
            return try handler(request, reader.identity)
        }
    }

    /// Rises when what was found out before may be wrong. Read it before you find out.
    var generation: UInt64 { changes.load(ordering: .acquiring) }

    /// The reader when memory knows a valid one.
    /// - Parameter last: who it was when the same head came last.
    /// - Returns: nil when the store has to be asked, see `reader(of:)`.
    /// - Throws: `Problem` 401 when the request shows no valid credential.
    func knownReader(
        of request: Request, last: Reader? = nil, tokenFromQuery: Bool = false
    ) throws -> Reader? {
        // Before anything known is read.
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
    /// - Throws: `Problem` 401 when the request shows no valid credential; `StoreError` when that cannot be found
    ///   out.
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
        /// The first one that memory knows to be valid: it goes on while the store is away.
        case known(Credential, Token)
        /// Those that may be valid.
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

    /// Asks for all sessions of this server at once. Of what a stranger may have made up a request asks for one: when that
    /// is not valid, the next request gets further.
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

    /// Whether no stranger can have made it up: it is a session of a right MAC, live or not.
    package func isOurs(_ credential: Credential) -> Bool {
        guard case .session(let text) = credential else { return false }
        return signer.judge(text) == .ours
    }

    /// What the caches hold, for metrics.
    package var uses: [(name: String, use: CacheUse)] {
        [("tokens", tokens.tokens.use), ("sessions", sessions.use)]
    }

    /// Who shows this credential.
    /// - Parameter requester: whose share of the cold lane a look-up takes; nil for a credential that was good before.
    /// - Throws: `Problem` 401 when it is not valid; `StoreError` when that cannot be found out.
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
            // One of ours needs no room in the cold lane.
            token = try await sessions.value(
                for: credential.hash, askedBy: isOurs(credential) ? nil : requester)
        }
        guard let token else { throw Problem.unauthorized }
        return try valid(token)
    }

    /// The live token behind a credential, as far as memory knows.
    /// - Returns: nil when the store has to be asked.
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

    // MARK: Sessions that begin and end here

    /// Read it before a session's token is looked up, see `sessionMade`.
    package var sessionChanges: UInt64 { sessions.changes }

    /// A session that was made here is known at once, unless something changed since.
    package func sessionMade(_ credential: Credential, of token: Token, asOf changes: UInt64) {
        sessions.made(credential.hash, token, asOf: changes)
    }

    /// Forgets a session that ended here.
    package func sessionEnded(hash: [UInt8]) {
        sessions.changed(hash)
        changes.add(1, ordering: .releasing)
    }
}
