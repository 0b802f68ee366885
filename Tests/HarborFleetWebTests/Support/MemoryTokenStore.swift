import HarborFleet
import Synchronization

/// Tokens, sessions and partner secrets in memory; counts how often it is asked.
final class MemoryTokenStore: TokenStore, SessionStore, PartnerStore {
    private struct State {
        var tokens: [[UInt8]: Token] = [:]
        var sessions: [[UInt8]: [UInt8]] = [:]
        var secrets: [FleetID: [SigningSecret]] = [:]
        var lookUps = 0
        var isAway = false
    }

    private let state = Mutex(State())

    var lookUps: Int { state.withLock { $0.lookUps } }

    func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    func put(_ token: Token, hash: [UInt8]) { state.withLock { $0.tokens[hash] = token } }

    func removeToken(hash: [UInt8]) { state.withLock { _ = $0.tokens.removeValue(forKey: hash) } }

    func put(_ secrets: [SigningSecret], for fleetID: FleetID) {
        state.withLock { $0.secrets[fleetID] = secrets }
    }

    private func ask<Result>(_ body: (inout State) -> Result) throws(StoreError) -> Result {
        let answer: Result? = state.withLock { state in
            state.lookUps += 1
            return state.isAway ? nil : body(&state)
        }
        guard let answer else { throw StoreError(.unavailable, detail: "away") }
        return answer
    }

    func tokens() async throws(StoreError) -> [Token] { try ask { Array($0.tokens.values) } }

    func token(hash: [UInt8]) async throws(StoreError) -> Token? { try ask { $0.tokens[hash] } }

    func add(_ token: Token, hash: [UInt8]) async throws(StoreError) { put(token, hash: hash) }

    func revoke(name: String) async throws(StoreError) {}

    func create(hash: [UInt8], tokenName: String, expiresAt: Timestamp) async throws(StoreError) {
        try ask { state in
            state.sessions[hash] = state.tokens.first { $0.value.name == tokenName }?.key
        }
    }

    func token(sessionHash: [UInt8]) async throws(StoreError) -> Token? {
        try ask { state in state.sessions[sessionHash].flatMap { state.tokens[$0] } }
    }

    func delete(hash: [UInt8]) async throws(StoreError) { try ask { $0.sessions[hash] = nil } }

    func deleteExpired(before now: Timestamp) async throws(StoreError) {}

    func partners() async throws(StoreError) -> [Partner] { [] }

    func signingSecrets(for fleetID: FleetID) async throws(StoreError) -> [SigningSecret] {
        try ask { $0.secrets[fleetID] ?? [] }
    }

    func add(_ partner: Partner, secret: [UInt8]) async throws(StoreError) {}

    func rotate(
        _ id: PartnerID, secret: [UInt8], oldSecretsExpireAt: Timestamp
    ) async throws(StoreError) {}

    func revoke(_ id: PartnerID) async throws(StoreError) {}

    func setLimits(
        of id: PartnerID, fixesPerSecond: Int?, requestsPerSecond: Int?
    ) async throws(StoreError) {}

    func noteUse(of id: PartnerID, now: Timestamp) async throws(StoreError) {}
}
