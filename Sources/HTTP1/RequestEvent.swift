/// What a `RequestParser` found. Every request is one `head`, any number of `body`, and one `end`.
package enum RequestEvent: Sendable {
    /// A whole head, checked; the body, if any, follows.
    case head(RequestHead)
    /// Body bytes without chunk framing: a range of the input that was given, never empty.
    case body(Range<Int>)
    /// The request is complete. What follows in the input belongs to the next one.
    case end
}
