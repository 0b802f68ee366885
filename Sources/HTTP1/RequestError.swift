package import HTTPTypes

/// The error for a request that cannot be parsed. The endpoint responds with its status, and then must
/// close the connection.
package struct RequestError: Error, Equatable, Sendable {
    /// The kinds of error, each with its status.
    package enum Kind: Sendable, Equatable, CaseIterable {
        /// The bytes are not an HTTP/1.x message (RFC 9112 sections 2 to 5): 400.
        case syntax
        /// The request target has no form that its method allows (RFC 9112 section 3.2): 400.
        case target
        /// `Host` is missing, repeated or not a valid host (RFC 9112 section 3.2): 400.
        case host
        /// It is ambiguous or unclear where the body ends (RFC 9112 section 6.3): 400.
        case framing
        /// A body beyond its limit (RFC 9110 section 15.5.14): 413.
        case contentTooLarge
        /// A request line beyond its limit (RFC 9110 section 15.5.15): 414.
        case targetTooLong
        /// An expectation other than `100-continue` (RFC 9110 section 10.1.1): 417.
        case expectation
        /// Field lines or trailers beyond their limits (RFC 6585 section 5): 431.
        case fieldsTooLarge
        /// A transfer coding that is not supported (RFC 9112 section 6.1): 501.
        case transferCoding
        /// A version whose major number is not 1 (RFC 9110 section 15.6.6): 505.
        case version
    }

    /// The kind of error.
    package let kind: Kind
    /// One sentence for the response. It contains nothing that the peer sent.
    package let detail: String
    /// Whether the request's method is HEAD. Then the response must have no content (RFC 9110 section 9.3.2).
    package private(set) var isHead = false

    /// Makes an error of a kind, with one sentence for the client.
    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    /// The status to respond with.
    package var status: HTTPResponse.Status {
        switch kind {
        case .syntax, .target, .host, .framing: .badRequest
        case .contentTooLarge: .contentTooLarge
        case .targetTooLong: .uriTooLong
        case .expectation: .expectationFailed
        case .fieldsTooLarge: .requestHeaderFieldsTooLarge
        case .transferCoding: .notImplemented
        case .version: .httpVersionNotSupported
        }
    }

    /// A copy of the error that knows from the head's first bytes whether the method is HEAD.
    func of(_ head: Span<UInt8>) -> RequestError {
        var error = self
        error.isHead = head.count >= 5 && ByteScan.equals(head, 0..<5, "HEAD ")
        return error
    }
}
