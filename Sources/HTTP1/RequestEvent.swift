/// What a `RequestParser` found. Every request is one `head`, any number of `body`, and one `end`; or one `request`.
package enum RequestEvent: Sendable {
    /// A whole head, checked; the body, if any, follows.
    case head(RequestHead)
    /// A whole request without a body, whose head the cache knows.
    case request(RequestHead)
    /// Body bytes without chunk framing: a range of the input that was given, never empty.
    case body(Range<Int>)
    /// The request is complete. What follows in the input belongs to the next one.
    case end
}
