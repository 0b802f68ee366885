/// What became of a POST; everything accepted is durable.
package struct IngestReceipt: Sendable, Equatable {
    package var postID: PostID
    package var accepted: Int
    package var duplicates: Int
    /// In the order of the body.
    package var rejected: [RejectedFix]
    /// The unknown members' names.
    package var ignored: [String]
}
