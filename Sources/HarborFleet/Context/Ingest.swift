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
