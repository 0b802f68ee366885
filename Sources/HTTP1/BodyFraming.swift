/// How the end of a request's body is found (RFC 9112 section 6.3).
package enum BodyFraming: Sendable, Equatable {
    /// No `Content-Length` and no `Transfer-Encoding`: no body.
    case none
    /// Exactly this many bytes follow the head.
    case length(Int)
    /// Chunks follow until the last one and its trailers.
    case chunked
}
