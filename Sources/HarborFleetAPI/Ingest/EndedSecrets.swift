internal import FleetAccess

/// Finds out, after a POST was refused, whether it was signed with a secret that has ended: then its partner was
/// revoked, or still uses the secret from before a rotation.
///
/// It checks one POST at a time, on no event loop, and few may wait, because each holds its body. Overflow
/// policy: the newest POST is not checked.
struct EndedSecrets: Sendable {
    /// POSTs that may wait besides the one being checked, at most 1 MiB each.
    private static let maximumWaiting = 7

    let keys: PartnerKeys
    private let work = OffLoopWork(width: 1, maximumWaiting: maximumWaiting)

    /// - Returns: nil when no ended secret signed it, or when that cannot be found out now.
    func secret(behind post: SignedPost) async -> SigningSecret? {
        do {
            return try await work.run {
                let ended = try await keys.endedKeys(of: post.fleetID, askedBy: post.request.requester)
                return post.signature.verify(post.request.body, with: ended)
            }
        } catch {
            // No room, or no database: the log line then holds only what is known already.
            return nil
        }
    }
}
