/// The outcome of a POST. Everything it counts as accepted is durable.
package struct IngestReceipt: Sendable, Equatable {
    package var postID: PostID
    package var accepted: Int
    package var duplicates: Int
    /// In the order of the body.
    package var rejected: [RejectedFix]
    /// The names of unknown members.
    package var ignored: [String]
}
