package import StoreCache
package import Supervision

/// The store in which fixes become durable.
package protocol FixStore: Sendable {
    /// The newest fix of each vehicle of a fleet, in any order; empty for a fleet without vehicles.
    func newestFixes(of fleetID: FleetID) async throws(StoreError) -> [StoredFix]

    /// Makes all of `posts` durable in one transaction, or none of them.
    ///
    /// Repeats are harmless. A fix whose identity is already stored counts as a duplicate. A post whose receipt is
    /// already stored returns the counts of that receipt.
    /// - Parameter deadline: when the store gives up, whatever it still has to retry or look up. It then throws
    ///   `.unavailable`, and the posts may be durable or not.
    /// - Returns: one outcome per post, in the order of `posts`.
    func record(_ posts: [PendingPost], by deadline: Deadline) async throws(StoreError) -> [PostOutcome]
}

/// One POST of fixes on its way into the store.
package struct PendingPost: Sendable, Equatable {
    package var postID: PostID
    package var fleetID: FleetID
    /// The partner that sent it; nil for a post that the server itself produces.
    package var partnerID: PartnerID?
    /// The `webhook-id` as sent. It is stored, but never used as a key.
    package var webhookID: String?
    package var receivedAt: Timestamp
    /// The length of the body as sent, in bytes.
    package var bodyBytes: Int
    /// The SHA-256 of the body as sent, when the caller computed one.
    package var bodyHash: [UInt8]?
    /// The valid fixes in the order of the body; the index is the ordinal in this post. An identity may occur more
    /// than once; only its first fix counts.
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
    /// The memory of a fix besides its attributes, in bytes: its fields twice, because the request's handler keeps
    /// the batch too, and its data on the heap, of which a long vehicle id is the largest.
    static let bytesPerFix = 512

    /// The memory that the post holds while it waits, in bytes: the body and the fixes. The fixes are counted
    /// separately, because the size of a compressed body says little about them. The bytes of the attributes are
    /// shared by all copies.
    var heldBytes: Int {
        fixes.reduce(bodyBytes) { $0 + Self.bytesPerFix + ($1.fix.attributes?.count ?? 0) }
    }
}

/// The outcome of a post's fixes. The two counts add up to the number of its fixes.
package struct PostOutcome: Sendable, Equatable {
    package var accepted: Int
    package var duplicates: Int
    /// The indices in the post of the accepted fixes, in ascending order, when only some were accepted; nil when
    /// the counts already show it, and for an outcome that was read from a receipt, which has only the counts.
    package var acceptedPlaces: [Int]?

    package init(accepted: Int, duplicates: Int, acceptedPlaces: [Int]? = nil) {
        self.accepted = accepted
        self.duplicates = duplicates
        self.acceptedPlaces = acceptedPlaces
    }

    /// Which of the given places of the post were accepted; nil when that is not known.
    func accepted(among places: [Int]) -> [Int]? {
        if duplicates == 0 { return places }
        if accepted == 0 { return [] }
        guard let acceptedPlaces else { return nil }
        let known = Set(acceptedPlaces)
        return places.filter(known.contains)
    }
}
