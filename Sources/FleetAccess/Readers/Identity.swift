package import HarborFleet

/// Who reads.
package struct Identity: Sendable, Equatable {
    /// The token's name; nil for a reader that needs no token.
    package var name: String?
    package var role: Role
    package var scope: Scope
    /// From then on it is nobody's any more.
    package var expiresAt: Timestamp?

    /// Everybody, where reads need no token.
    package static let anyone = Identity(name: nil, role: .viewer, scope: .all)
}

extension Identity {
    package init(_ token: Token) {
        self.init(name: token.name, role: token.role, scope: token.scope, expiresAt: token.expiresAt)
    }
}
