/// The web app's sessions: a cookie that stands for a token. Kept in a table, so that a deploy signs nobody
/// out.
package protocol SessionStore: Sendable {
    /// Adds a session for a live token. Throws `.notFound` when the token is gone.
    func create(hash: [UInt8], tokenName: String, expiresAt: Timestamp) async throws(StoreError)

    /// The live token behind the session of that SHA-256, its `expiresAt` that of whichever ends first; nil when
    /// session or token are gone or expired.
    func token(sessionHash: [UInt8]) async throws(StoreError) -> Token?

    /// Ends a session; nothing happens when it is gone already.
    func delete(hash: [UInt8]) async throws(StoreError)

    /// Deletes every session that expired before `now`.
    func deleteExpired(before now: Timestamp) async throws(StoreError)
}
