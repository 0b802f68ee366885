package import Endpoint
internal import HTTP1
internal import HTTPTypes
package import HarborFleet
internal import Synchronization

/// Finds out who reads.
///
/// What the store said of a credential is kept until `revisionChanged` is called, which happens within a second
/// of any change to the tokens; so a read of a known token waits for nothing, also while the database is away.
package final class Authenticator: Sendable {
    private struct Known {
        var identity: Identity?
        var expiresAt: Timestamp?
    }

    /// Credentials kept at most. When it is full all are forgotten: they are looked up again.
    private static let capacity = 10_000

    private let tokens: any TokenStore
    private let sessions: any SessionStore
    private let clock: any WallClock
    private let publicRead: Bool
    private let known = Mutex<(generation: UInt64, entries: [Credential: Known])>((0, [:]))

    /// - Parameter publicRead: reads need no token, and whatever is shown is not looked at.
    package init(
        tokens: any TokenStore, sessions: any SessionStore, publicRead: Bool, clock: any WallClock
    ) {
        self.tokens = tokens
        self.sessions = sessions
        self.publicRead = publicRead
        self.clock = clock
    }

    /// Runs `handler` with the reader's identity: at once when it is known, after a look-up when it is not.
    /// - Throws: `Problem` 401 when the request shows no valid credential; what `handler` throws.
    package func authenticated(
        _ request: Request, tokenFromQuery: Bool = false,
        _ handler: @escaping @Sendable (Request, Identity) throws -> Reply
    ) throws -> Reply {
        if publicRead { return try handler(request, .anyone) }
        guard let credential = Credential(request, fromQuery: tokenFromQuery) else {
            throw Problem.unauthorized
        }
        if let identity = try knownIdentity(of: credential) { return try handler(request, identity) }
        return .decidedLater { try handler(request, try await self.lookUp(credential)) }
    }

    /// Forgets what the store said before: a token, a session or a scope may have changed.
    package func revisionChanged() {
        known.withLock { known in
            known.generation &+= 1
            known.entries.removeAll(keepingCapacity: true)
        }
    }

    /// Forgets one session that was ended here.
    func forget(_ credential: Credential) {
        known.withLock { _ = $0.entries.removeValue(forKey: credential) }
    }

    /// - Returns: nil when the store has to be asked.
    private func knownIdentity(of credential: Credential) throws -> Identity? {
        guard let entry = known.withLock({ $0.entries[credential] }) else { return nil }
        return try valid(entry)
    }

    private func valid(_ entry: Known) throws -> Identity {
        guard let identity = entry.identity else { throw Problem.unauthorized }
        if let expiresAt = entry.expiresAt, expiresAt <= clock.now() { throw Problem.unauthorized }
        return identity
    }

    /// Asks the store.
    func lookUp(_ credential: Credential) async throws -> Identity {
        let generation = known.withLock { $0.generation }
        let token =
            switch credential {
            case .token: try await tokens.token(hash: credential.hash)
            case .session: try await sessions.token(sessionHash: credential.hash)
            }
        let entry = Known(identity: token.map(Identity.init), expiresAt: token?.expiresAt)
        known.withLock { known in
            // An answer from before a change must not outlive it.
            guard known.generation == generation else { return }
            if known.entries.count >= Self.capacity { known.entries.removeAll(keepingCapacity: true) }
            known.entries[credential] = entry
        }
        return try valid(entry)
    }
}
