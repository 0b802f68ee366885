/// A supported version of HTTP. A request with another version gets 505.
package enum HTTPVersion: Sendable, Equatable {
    /// HTTP/1.0: no chunks, no `100-continue`, and the connection closes unless `keep-alive` was agreed.
    case http10
    /// HTTP/1.1, or a later minor version, which is read as HTTP/1.1 (RFC 9110 section 2.5).
    case http11
}
