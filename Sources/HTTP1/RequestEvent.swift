/// The events of a `RequestParser`. A request is one `head`, any number of `body`, and one `end`; or one `request`.
package enum RequestEvent: Sendable {
    /// A complete and valid head. The body, if any, follows.
    case head(RequestHead)
    /// A complete request without a body, whose head was in the cache.
    case request(RequestHead)
    /// Body bytes without chunk framing, as a non-empty range of the input.
    case body(Range<Int>)
    /// The request is complete. The rest of the input belongs to the next request.
    case end
}
