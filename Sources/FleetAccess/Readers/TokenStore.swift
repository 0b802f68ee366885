package import HarborFleet
package import StoreCache

/// The store of read tokens. Only the SHA-256 of a token is ever stored.
package protocol TokenStore: Sendable {
    /// Every token, including revoked ones, in any order.
    func tokens() async throws(StoreError) -> [Token]

    /// The valid tokens with those SHA-256, by SHA-256; unknown, revoked and expired tokens are left out.
    func tokens(hashes: [[UInt8]]) async throws(StoreError) -> [[UInt8]: Token]

    /// The valid tokens by SHA-256, the most recently used ones when there are more than `limit`.
    func liveTokens(atMost limit: Int) async throws(StoreError) -> [[UInt8]: Token]

    /// Adds a token. Throws `.alreadyExists` when the name is in use, or `.notFound` with the name of an unknown
    /// fleet.
    func add(_ token: Token, hash: [UInt8]) async throws(StoreError)

    /// Ends a token and its sessions at once. Throws `.notFound`.
    func revoke(name: String) async throws(StoreError)
}

/// What the bearer of a token may do.
package enum Role: String, Sendable, Equatable, CaseIterable {
    case viewer
    case admin
}

/// The fleets that a token may see.
package enum Scope: Sendable, Equatable {
    case all
    case fleets(Set<FleetID>)

    /// Whether the fleet `id` may be seen.
    package func contains(_ id: FleetID) -> Bool {
        switch self {
        case .all: true
        case .fleets(let fleets): fleets.contains(id)
        }
    }
}

/// A read token without its text.
package struct Token: Sendable, Equatable {
    package var name: String
    package var role: Role
    package var scope: Scope
    package var createdAt: Timestamp
    package var expiresAt: Timestamp?
    package var revokedAt: Timestamp?

    package init(
        name: String, role: Role, scope: Scope, createdAt: Timestamp, expiresAt: Timestamp? = nil,
        revokedAt: Timestamp? = nil
    ) {
        self.name = name
        self.role = role
        self.scope = scope
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }
}
