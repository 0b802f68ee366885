package import FleetAccess
package import HarborFleet
package import StoreCache
import Synchronization

/// Tokens, sessions and partner secrets in memory. It counts its calls, and can be slow. The tests of the stores run
/// the same cases of tokens and sessions on it and on the stores in PostgreSQL. Of partners it has only their secrets.
package final class MemoryTokenStore: TokenStore, SessionStore, PartnerStore {
    private struct Session {
        let tokenHash: [UInt8]
        let expiresAt: Timestamp
        /// Higher than that of a session that was used before.
        var lastUse: Int
    }

    private struct State {
        var tokens: [[UInt8]: Token] = [:]
        /// Of the tokens that were looked up, as `Session.lastUse`.
        var tokenUses: [[UInt8]: Int] = [:]
        var sessions: [[UInt8]: Session] = [:]
        var useCount = 0
        var secrets: [FleetID: [SigningSecret]] = [:]
        var ended: [FleetID: [SigningSecret]] = [:]
        var endedLookUps = 0
        var batches = 0
        var lastLookedUp: [[UInt8]] = []
        var listings = 0
        var deletions = 0
        var secretLookUps = 0
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var heldCount: AsyncStream<Int>.Continuation?
        var isAway = false
    }

    private let state = Mutex(State())
    private let clock: (any WallClock)?
    private let noted = EventRecorder<PartnerID>()
    /// How many were looked up at once.
    private let lookedUpCounts = EventRecorder<Int>()

    /// - Parameter clock: decides what has expired; nothing does when nil.
    package init(clock: (any WallClock)? = nil) { self.clock = clock }

    private func isLive(_ token: Token) -> Bool { token.revokedAt == nil && isAhead(token.expiresAt) }

    private func isAhead(_ time: Timestamp?) -> Bool {
        guard let time, let clock else { return true }
        return clock.now() < time
    }

    /// The number of calls that looked tokens and sessions up, each for several hashes.
    package var batches: Int { state.withLock { $0.batches } }

    /// The hashes of the last such call.
    package var lastLookedUp: [[UInt8]] { state.withLock { $0.lastLookedUp } }

    /// The number of look-ups of tokens and sessions.
    package var lookUps: Int { lookedUpCounts.events.reduce(0, +) }

    /// Returns once there were more look-ups of tokens and sessions than `count`, also of a store that is away.
    package func waitForLookUps(moreThan count: Int) async {
        await lookedUpCounts.wait { $0.reduce(0, +) > count }
    }

    /// The number of times that all live tokens were read.
    package var listings: Int { state.withLock { $0.listings } }

    /// The number of look-ups of signing secrets.
    package var secretLookUps: Int { state.withLock { $0.secretLookUps } }

    /// From now on look-ups read their result, and then wait with it until `release`.
    /// - Returns: the number of waiting look-ups, whenever it grows.
    package func hold() -> AsyncStream<Int> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        state.withLock { state in
            state.isHeld = true
            state.heldCount = continuation
        }
        return stream
    }

    package func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for one in held { one.resume() }
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let waits = state.withLock { state in
                guard state.isHeld else { return false }
                state.held.append(continuation)
                state.heldCount?.yield(state.held.count)
                return true
            }
            if !waits { continuation.resume() }
        }
    }

    package func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    package func put(_ token: Token, hash: [UInt8]) { state.withLock { $0.tokens[hash] = token } }

    package func removeToken(hash: [UInt8]) { state.withLock { _ = $0.tokens.removeValue(forKey: hash) } }

    package func put(_ secrets: [SigningSecret], for fleetID: FleetID) {
        state.withLock { $0.secrets[fleetID] = secrets }
    }

    /// Turns the fleet's live secrets into ended ones.
    package func end(_ fleetID: FleetID, at time: Timestamp) {
        state.withLock { state in
            state.ended[fleetID] = (state.secrets.removeValue(forKey: fleetID) ?? []).map { secret in
                var secret = secret
                secret.expiresAt = time
                return secret
            }
        }
    }

    /// The number of look-ups of ended secrets.
    package var endedLookUps: Int { state.withLock { $0.endedLookUps } }

    package func endedSecrets(of fleetID: FleetID) async throws(StoreError) -> [SigningSecret] {
        try ask { state in
            state.endedLookUps += 1
            return state.ended[fleetID] ?? []
        }
    }

    private func ask<Result>(_ body: (inout State) -> Result) throws(StoreError) -> Result {
        guard let result = state.withLock({ $0.isAway ? nil : body(&$0) }) else {
            throw StoreError(.unavailable, detail: "away")
        }
        return result
    }

    package func tokens() async throws(StoreError) -> [Token] { try ask { Array($0.tokens.values) } }

    package func liveTokens(atMost limit: Int) async throws(StoreError) -> [[UInt8]: Token] {
        state.withLock { $0.listings += 1 }
        let found = try ask { state in
            let live = state.tokens.filter { isLive($0.value) }
            let byUse = live.keys.sorted { state.tokenUses[$0] ?? 0 > state.tokenUses[$1] ?? 0 }
            let lastUsed = Set(byUse.prefix(limit))
            return live.filter { lastUsed.contains($0.key) }
        }
        await wait()
        return found
    }

    package func tokens(hashes: [[UInt8]]) async throws(StoreError) -> [[UInt8]: Token] {
        try await lookedUp(hashes) { state, hash in
            guard let token = state.tokens[hash], isLive(token) else { return nil }
            state.useCount += 1
            state.tokenUses[hash] = state.useCount
            return token
        }
    }

    private func lookedUp(
        _ hashes: [[UInt8]], _ find: @Sendable (inout State, [UInt8]) -> Token?
    ) async throws(StoreError) -> [[UInt8]: Token] {
        state.withLock { state in
            state.batches += 1
            state.lastLookedUp = hashes
        }
        lookedUpCounts.record(hashes.count)
        let body: (inout State) -> [[UInt8]: Token] = { state in
            var found: [[UInt8]: Token] = [:]
            for hash in hashes { found[hash] = find(&state, hash) }
            return found
        }
        let found = try ask(body)
        await wait()
        return found
    }

    package func add(_ token: Token, hash: [UInt8]) async throws(StoreError) {
        let isNew = try ask { state in
            guard liveHash(of: token.name, state) == nil else { return false }
            state.tokens[hash] = token
            return true
        }
        guard isNew else { throw StoreError(.alreadyExists, detail: "token") }
    }

    package func revoke(name: String) async throws(StoreError) {
        let now = SystemWallClock().now()
        let wasThere = try ask { state in
            guard let hash = liveHash(of: name, state) else { return false }
            state.tokens[hash]?.revokedAt = now
            state.sessions = state.sessions.filter { $0.value.tokenHash != hash }
            return true
        }
        guard wasThere else { throw StoreError(.notFound, detail: "token") }
    }

    private func liveHash(of name: String, _ state: State) -> [UInt8]? {
        state.tokens.first { $0.value.name == name && isLive($0.value) }?.key
    }

    package func create(
        hash: [UInt8], tokenName: String, expiresAt: Timestamp, keeping limit: Int
    ) async throws(StoreError) -> [[UInt8]] {
        let ended = try ask { state -> [[UInt8]]? in
            guard let token = liveHash(of: tokenName, state) else { return nil }
            state.useCount += 1
            state.sessions[hash] = Session(tokenHash: token, expiresAt: expiresAt, lastUse: state.useCount)
            let own = state.sessions.filter { $0.value.tokenHash == token }
            let byUse = own.sorted { $0.value.lastUse < $1.value.lastUse }.map(\.key)
            let ended = Array(byUse.dropLast(limit))
            for hash in ended { state.sessions[hash] = nil }
            return ended
        }
        guard let ended else { throw StoreError(.notFound, detail: "token") }
        return ended
    }

    package func tokens(sessionHashes: [[UInt8]]) async throws(StoreError) -> [[UInt8]: Token] {
        try await lookedUp(sessionHashes) { state, hash in
            guard let session = state.sessions[hash], isAhead(session.expiresAt),
                var token = state.tokens[session.tokenHash], isLive(token)
            else { return nil }
            state.useCount += 1
            state.sessions[hash]?.lastUse = state.useCount
            token.expiresAt = min(token.expiresAt ?? session.expiresAt, session.expiresAt)
            return token
        }
    }

    package func delete(hash: [UInt8]) async throws(StoreError) {
        try ask { state in
            state.sessions[hash] = nil
            state.deletions += 1
        }
    }

    /// The number of deletions of sessions, including those of missing ones.
    package var deletions: Int { state.withLock { $0.deletions } }

    /// The number of sessions.
    package var sessionCount: Int { state.withLock { $0.sessions.count } }

    package func partners() async throws(StoreError) -> [Partner] { [] }

    package func signingSecrets(
        for fleetIDs: [FleetID]
    ) async throws(StoreError) -> [FleetID: [SigningSecret]] {
        state.withLock { $0.secretLookUps += fleetIDs.count }
        let found = try ask { $0.secrets.filter { fleetIDs.contains($0.key) } }
        await wait()
        return found
    }

    package func add(_ partner: Partner, secret: [UInt8]) async throws(StoreError) {}

    package func rotate(
        _ id: PartnerID, secret: [UInt8], oldSecretsExpireAt: Timestamp
    ) async throws(StoreError) -> Int { 0 }

    package func revoke(_ id: PartnerID) async throws(StoreError) {}

    package func set(_ change: PartnerChange, of id: PartnerID) async throws(StoreError) -> PartnerSettings {
        PartnerSettings()
    }

    package func crowdedFleets(of id: PartnerID) async throws(StoreError) -> [FleetID: Int] { [:] }

    package func noteUse(of id: PartnerID, now: Timestamp) async throws(StoreError) {
        try ask { _ in noted.record(id) }
    }

    /// The partners whose uses were noted.
    package var uses: [PartnerID] { noted.events }

    /// Returns once the use of a partner was noted.
    package func waitForUse() async { await noted.wait { !$0.isEmpty } }
}
