package import HTTPTypes

/// Why a request cannot be read. The response says so, and then the connection must close.
package struct RequestError: Error, Equatable, Sendable {
    /// What was wrong, as a closed set.
    package enum Kind: Sendable, Equatable, CaseIterable {
        /// Bytes that are no HTTP/1.x message (RFC 9112 sections 2 to 5): 400.
        case syntax
        /// A request target in no form that its method may have (RFC 9112 section 3.2): 400.
        case target
        /// `Host` absent, repeated or no host (RFC 9112 section 3.2): 400.
        case host
        /// Two readings, or none, of where the body ends (RFC 9112 section 6.3): 400.
        case framing
        /// A body beyond its limit (RFC 9110 section 15.5.14): 413.
        case contentTooLarge
        /// A request line beyond its limit (RFC 9110 section 15.5.15): 414.
        case targetTooLong
        /// An expectation other than `100-continue` (RFC 9110 section 10.1.1): 417.
        case expectation
        /// Field lines or trailers beyond their limits (RFC 6585 section 5): 431.
        case fieldsTooLarge
        /// A transfer coding that we do not know (RFC 9112 section 6.1): 501.
        case transferCoding
        /// A version whose major number is not 1 (RFC 9110 section 15.6.6): 505.
        case version
    }

    /// What was wrong.
    package let kind: Kind
    /// One sentence for the response; holds nothing that the peer sent.
    package let detail: String
    /// Whether the request's method was HEAD: then the response has no content (RFC 9110 section 9.3.2).
    package private(set) var isHead = false

    /// An error of a kind, told in one sentence.
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

    /// The error of a head that begins with these bytes.
    func of(_ head: Span<UInt8>) -> RequestError {
        var error = self
        error.isHead = head.count >= 5 && ByteScan.equals(head, 0..<5, "HEAD ")
        return error
    }
}
