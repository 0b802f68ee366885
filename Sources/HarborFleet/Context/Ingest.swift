/// What is known of a POST beside its fixes.
package struct IngestPost: Sendable, Equatable {
    package var partnerID: PartnerID?
    /// The `webhook-id` as sent.
    package var webhookID: String?
    package var receivedAt: Timestamp
    /// The length of the body as sent.
    package var bodyBytes: Int
    /// The SHA-256 of the body as sent.
    package var bodyHash: [UInt8]?

    package init(
        partnerID: PartnerID?, webhookID: String?, receivedAt: Timestamp, bodyBytes: Int,
        bodyHash: [UInt8]? = nil
    ) {
        self.partnerID = partnerID
        self.webhookID = webhookID
        self.receivedAt = receivedAt
        self.bodyBytes = bodyBytes
        self.bodyHash = bodyHash
    }
}

/// What became of a POST; everything accepted is durable.
package struct IngestReceipt: Sendable, Equatable {
    package var postID: PostID
    package var accepted: Int
    package var duplicates: Int
    /// In the order of the body.
    package var rejected: [RejectedFix]
    /// The unknown members' names.
    package var ignored: [String]

    package init(
        postID: PostID, accepted: Int, duplicates: Int, rejected: [RejectedFix], ignored: [String]
    ) {
        self.postID = postID
        self.accepted = accepted
        self.duplicates = duplicates
        self.rejected = rejected
        self.ignored = ignored
    }
}
