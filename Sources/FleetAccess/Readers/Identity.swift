package import HarborFleet

/// The identity of a reader.
package struct Identity: Sendable, Equatable {
    /// The name of the token; nil for a reader that needs no token.
    package var name: String?
    package var role: Role
    package var scope: Scope
    /// From this time on the identity is no longer valid; nil if it does not expire.
    package var expiresAt: Timestamp?

    /// Any client, when reads need no token.
    package static let anyone = Identity(name: nil, role: .viewer, scope: .all)
}

extension Identity {
    package init(_ token: Token) {
        self.init(name: token.name, role: token.role, scope: token.scope, expiresAt: token.expiresAt)
    }
}
