package import StoreCache
package import Supervision

/// Where fixes become durable.
package protocol FixStore: Sendable {
    /// The newest fix of each vehicle of a fleet, in any order; empty for a fleet without vehicles.
    func newestFixes(of fleetID: FleetID) async throws(StoreError) -> [StoredFix]

    /// Makes all of `posts` durable in one transaction, or none of them.
    ///
    /// Repeats are harmless: a fix whose identity is stored already counts as a duplicate, and a post whose
    /// receipt is stored already answers with that receipt's counts.
    /// - Parameter deadline: when it is given up, whatever has to be tried again or looked up: `.unavailable`, and the
    ///   posts may be durable or not.
    /// - Returns: one outcome per post, in the order of `posts`.
    func record(_ posts: [PendingPost], by deadline: Deadline) async throws(StoreError) -> [PostOutcome]
}

/// One POST of fixes on its way into the store.
package struct PendingPost: Sendable, Equatable {
    package var postID: PostID
    package var fleetID: FleetID
    /// Who sent it; nil for what the server itself feeds in.
    package var partnerID: PartnerID?
    /// The `webhook-id` as sent: recorded, never a key.
    package var webhookID: String?
    package var receivedAt: Timestamp
    /// The length of the body as sent, in bytes.
    package var bodyBytes: Int
    /// The SHA-256 of the body as sent, when the receiver made one.
    package var bodyHash: [UInt8]?
    /// The valid fixes in the order of the body; the index is the ordinal in this post. May hold one identity
    /// more than once: the first of them is the one that counts.
    package var fixes: [StoredFix]

    package init(
        postID: PostID, fleetID: FleetID, partnerID: PartnerID? = nil, webhookID: String? = nil,
        receivedAt: Timestamp, bodyBytes: Int, bodyHash: [UInt8]? = nil, fixes: [StoredFix] = []
    ) {
        self.postID = postID
        self.fleetID = fleetID
        self.partnerID = partnerID
        self.webhookID = webhookID
        self.receivedAt = receivedAt
        self.bodyBytes = bodyBytes
        self.bodyHash = bodyHash
        self.fixes = fixes
    }
}

extension PendingPost {
    /// What a fix takes beside its attributes: twice its fields, since who answers the POST keeps the batch too, and
    /// what lies on the heap, of which a long id of a vehicle is the largest.
    static let bytesPerFix = 512

    /// The memory that this takes while it waits, in bytes: the body, and the fixes, to which a body that was
    /// compressed says little. The attributes' bytes are shared by all who hold them.
    var heldBytes: Int {
        fixes.reduce(bodyBytes) { $0 + Self.bytesPerFix + ($1.fix.attributes?.count ?? 0) }
    }
}

/// What became of a post's fixes; the two numbers add up to theirs.
package struct PostOutcome: Sendable, Equatable {
    package var accepted: Int
    package var duplicates: Int
    /// The places in the post of the fixes that are accepted, rising, where only some are; nil where the numbers tell it,
    /// and where a receipt has only these.
    package var acceptedPlaces: [Int]?

    package init(accepted: Int, duplicates: Int, acceptedPlaces: [Int]? = nil) {
        self.accepted = accepted
        self.duplicates = duplicates
        self.acceptedPlaces = acceptedPlaces
    }

    /// Which of some places of the post are accepted; nil when that is not known.
    func accepted(among places: [Int]) -> [Int]? {
        if duplicates == 0 { return places }
        if accepted == 0 { return [] }
        guard let acceptedPlaces else { return nil }
        let known = Set(acceptedPlaces)
        return places.filter(known.contains)
    }
}
