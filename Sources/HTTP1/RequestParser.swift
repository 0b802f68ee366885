/// Reads the requests of one connection from its bytes (RFC 9112), strictly: one reading or an error.
///
/// ```swift
/// var offset = 0
/// while let event = try parser.next(input, &offset) { … }
/// ```
package struct RequestParser: Sendable {
    /// A parser at the start of a connection.
    package init(limits: HTTPLimits = HTTPLimits()) {}
    /// The next event, or nil when all of `input` is used up and more is needed.
    ///
    /// After an error the parser stays failed and throws the same error again.
    package mutating func next(_ input: Span<UInt8>, _ offset: inout Int) throws(RequestError)
        -> RequestEvent?
    {
        nil
    }
    /// Whether nothing of a next request has arrived (an idle connection may be closed without an answer).
    package var isIdle: Bool { true }
    /// Sets the limit of the current request's body, between its `head` and the next call of `next`.
    package mutating func limitBody(to bytes: Int) {}
}
