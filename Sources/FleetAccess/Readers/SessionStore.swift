package import HarborFleet
package import StoreCache

/// The web app's sessions: a cookie that stands for a token. A table keeps them, so that operators stay signed in over a deploy.
package protocol SessionStore: Sendable {
    /// Adds a session for a live token. When the token has more than `limit` sessions then, the least recently used ones
    /// end. Throws `.notFound` when the token is gone.
    /// - Returns: the SHA-256 of the sessions that ended.
    func create(
        hash: [UInt8], tokenName: String, expiresAt: Timestamp, keeping limit: Int
    ) async throws(StoreError) -> [[UInt8]]

    /// The live tokens behind the sessions of those SHA-256, each `expiresAt` that of whichever ends first; without those
    /// whose session or token is gone or expired.
    func tokens(sessionHashes: [[UInt8]]) async throws(StoreError) -> [[UInt8]: Token]

    /// Ends a session; nothing happens when it is gone already.
    func delete(hash: [UInt8]) async throws(StoreError)
}
