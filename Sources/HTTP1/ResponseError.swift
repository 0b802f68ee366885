/// The error for a response that cannot be parsed. The connection cannot be used any more.
package struct ResponseError: Error, Equatable, Sendable {
    /// One sentence that says what is wrong. It contains nothing that the peer sent.
    package let detail: String
    /// Whether the connection ended within the response, so that the outcome of the request is unknown.
    package let isTruncated: Bool

    init(_ detail: String, isTruncated: Bool = false) {
        self.detail = detail
        self.isTruncated = isTruncated
    }
}
