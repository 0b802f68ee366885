package import HarborFleet
package import StoreCache

/// The store of the web app's sessions. A session is a cookie that stands for a token. The sessions are in a table,
/// so that readers stay signed in when the server is replaced.
package protocol SessionStore: Sendable {
    /// Adds a session for a valid token. If the token then has more than `limit` sessions, the least recently used
    /// ones end. Throws `.notFound` when the token does not exist.
    /// - Returns: the SHA-256 of the sessions that ended.
    func create(
        hash: [UInt8], tokenName: String, expiresAt: Timestamp, keeping limit: Int
    ) async throws(StoreError) -> [[UInt8]]

    /// The valid tokens of the sessions with those SHA-256. The `expiresAt` of each is the earlier one of session
    /// and token. Sessions are left out if they or their tokens do not exist or have expired.
    func tokens(sessionHashes: [[UInt8]]) async throws(StoreError) -> [[UInt8]: Token]

    /// Ends a session; does nothing when it does not exist.
    func delete(hash: [UInt8]) async throws(StoreError)
}
