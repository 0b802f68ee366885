/// A version of HTTP that this target speaks. Any other one leads to 505.
package enum HTTPVersion: Sendable, Equatable {
    /// HTTP/1.0: no chunks, no `100-continue`, and the connection closes unless `keep-alive` was agreed.
    case http10
    /// HTTP/1.1, or a later version of the same major one, which is read as it (RFC 9110 section 2.5).
    case http11
}
