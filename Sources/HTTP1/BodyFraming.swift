/// How the end of a request's body is found (RFC 9112 section 6.3).
package enum BodyFraming: Sendable, Equatable {
    /// There is no body: the head has neither `Content-Length` nor `Transfer-Encoding`.
    case none
    /// Exactly this many bytes follow the head.
    case length(Int)
    /// Chunks follow until the last one and its trailers.
    case chunked
}
