import FleetAccess
import HarborFleet
import HarborFleetTesting
import StoreCache
import Testing

@testable import HarborFleetStorage

/// The stores of tokens and of their sessions.
private struct TokenStores: Sendable {
    let tokens: any TokenStore
    let sessions: any SessionStore

    /// Runs `body` with new stores.
    static func with(_ kind: StoreKind, _ body: (TokenStores) async throws -> Void) async throws {
        switch kind {
        case .memory:
            let store = MemoryTokenStore(clock: SystemWallClock())
            try await body(TokenStores(tokens: store, sessions: store))
        case .postgreSQL:
            try await StorageBench.with { bench in
                try await body(
                    TokenStores(
                        tokens: PostgresTokenStore(pool: bench.pool),
                        sessions: PostgresSessionStore(pool: bench.pool)))
            }
        }
    }

    func token(_ hash: [UInt8]) async throws -> Token? { try await tokens.tokens(hashes: [hash])[hash] }

    func session(_ hash: UInt8) async throws -> Token? {
        try await sessions.tokens(sessionHashes: [[hash]])[[hash]]
    }

    func addSession(
        _ hash: UInt8, of token: String, until expiresAt: Timestamp, keeping limit: Int = 100
    ) async throws -> [[UInt8]] {
        try await sessions.create(hash: [hash], tokenName: token, expiresAt: expiresAt, keeping: limit)
    }
}

/// What `TokenStore` and `SessionStore` promise, for both stores.
@Suite(.timeLimit(.minutes(2))) struct SharedTokenStoreTests {
    private let now = StorageBench.now
    /// A time ahead of the server's clock, which decides what has expired.
    private let future = Timestamp(milliseconds: 4_000_000_000_000)
    private let past = Timestamp(milliseconds: 1_000_000_000_000)

    private func token(_ name: String, expiresAt: Timestamp? = nil) -> Token {
        Token(
            name: name, role: .viewer, scope: .fleets([StorageBench.north]), createdAt: now,
            expiresAt: expiresAt)
    }

    @Test(arguments: StoreKind.allCases)
    func token_isFoundByHash_whileItIsLive(kind: StoreKind) async throws {
        try await TokenStores.with(kind) { stores in
            try await stores.tokens.add(token("desk"), hash: [1])
            #expect(try await stores.token([1]) == token("desk"))
            #expect(try await stores.token([2]) == nil)
            try await stores.tokens.add(token("old", expiresAt: past), hash: [3])
            #expect(try await stores.token([3]) == nil)
            let listed = try await stores.tokens.tokens().sorted { $0.name < $1.name }
            #expect(listed == [token("desk"), token("old", expiresAt: past)])
            let twice = await #expect(throws: StoreError.self) {
                try await stores.tokens.add(token("desk"), hash: [4])
            }
            #expect(twice?.kind == .alreadyExists)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func liveTokens_areListedByHash_lastUsedFirst(kind: StoreKind) async throws {
        try await TokenStores.with(kind) { stores in
            let live: [[UInt8]: Token] = [[1]: token("a"), [2]: token("b"), [3]: token("c")]
            for (hash, token) in live { try await stores.tokens.add(token, hash: hash) }
            try await stores.tokens.add(token("old", expiresAt: past), hash: [4])
            try await stores.tokens.add(token("gone"), hash: [5])
            try await stores.tokens.revoke(name: "gone")
            #expect(try await stores.tokens.liveTokens(atMost: 10) == live)
            _ = try await stores.token([3])
            #expect(try await stores.tokens.liveTokens(atMost: 1) == [[3]: token("c")])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func revokedToken_andItsSessions_endAtOnce(kind: StoreKind) async throws {
        try await TokenStores.with(kind) { stores in
            try await stores.tokens.add(token("desk"), hash: [1])
            _ = try await stores.addSession(9, of: "desk", until: future)
            #expect(try await stores.session(9) == token("desk", expiresAt: future))
            try await stores.tokens.revoke(name: "desk")
            #expect(try await stores.token([1]) == nil)
            #expect(try await stores.session(9) == nil)
            let again = await #expect(throws: StoreError.self) {
                try await stores.tokens.revoke(name: "desk")
            }
            #expect(again?.kind == .notFound)
            try await stores.tokens.add(token("desk"), hash: [2])
            #expect(try await stores.token([2]) == token("desk"))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func session_ends_whenItIsDeletedOrExpired(kind: StoreKind) async throws {
        try await TokenStores.with(kind) { stores in
            let error = await #expect(throws: StoreError.self) {
                try await stores.addSession(9, of: "desk", until: future)
            }
            #expect(error?.kind == .notFound)
            try await stores.tokens.add(token("desk"), hash: [1])
            _ = try await stores.addSession(8, of: "desk", until: past)
            _ = try await stores.addSession(9, of: "desk", until: future)
            #expect(try await stores.session(8) == nil)
            #expect(try await stores.session(9) != nil)
            try await stores.sessions.delete(hash: [9])
            try await stores.sessions.delete(hash: [9])
            #expect(try await stores.session(9) == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func leastRecentlyUsedSession_ends_whenATokenHasTooMany(kind: StoreKind) async throws {
        try await TokenStores.with(kind) { stores in
            for (name, hash) in [("desk", 1), ("other", 2)] as [(String, UInt8)] {
                try await stores.tokens.add(token(name), hash: [hash])
            }
            for hash in UInt8(10)...12 {
                #expect(
                    try await stores.addSession(hash, of: "desk", until: future, keeping: 3).isEmpty)
            }
            #expect(try await stores.addSession(20, of: "other", until: future, keeping: 3).isEmpty)
            // The first session is used again, so that the second is the least recently used.
            #expect(try await stores.session(10) != nil)
            #expect(try await stores.addSession(13, of: "desk", until: future, keeping: 3) == [[11]])
            let left = try await stores.sessions.tokens(sessionHashes: [[10], [11], [12], [13], [20]])
            #expect(Set(left.keys) == [[10], [12], [13], [20]])
        }
    }
}
