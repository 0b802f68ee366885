internal import FleetAccess

/// Finds out, after a POST was refused, whether a secret signed it that has ended: then its partner was revoked, or goes on
/// with the secret from before a rotation.
///
/// One POST at a time, on no event loop, and few wait: each holds its body. Overflow policy: the newest is not looked at.
struct EndedSecrets: Sendable {
    /// POSTs that wait besides the one that is looked at, at most 1 MiB each.
    private static let maximumWaiting = 7

    let keys: PartnerKeys
    private let work = OffLoopWork(width: 1, maximumWaiting: maximumWaiting)

    /// - Returns: nil when none signed it, or when that cannot be found out now.
    func secret(behind post: SignedPost) async -> SigningSecret? {
        do {
            return try await work.run {
                let ended = try await keys.endedKeys(of: post.fleetID, askedBy: post.request.requester)
                return post.signature.verify(post.request.body, with: ended)
            }
        } catch {
            // No room, or no database: the line says what is known.
            return nil
        }
    }
}
