/// Why a response cannot be read; the connection is of no more use.
package struct ResponseError: Error, Equatable, Sendable {
    /// One sentence; holds nothing that the peer sent.
    package let detail: String
    /// Whether the connection ended in the middle, so that the outcome of the request is unknown.
    package let isTruncated: Bool

    init(_ detail: String, isTruncated: Bool = false) {
        self.detail = detail
        self.isTruncated = isTruncated
    }
}
