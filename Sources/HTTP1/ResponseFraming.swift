/// How the end of a response's body is marked (RFC 9112 section 6.3).
package enum ResponseFraming: Sendable, Equatable {
    /// `Content-Length` with this many bytes (also for HEAD, whose body is not sent).
    case length(Int)
    /// `Transfer-Encoding: chunked`, for HTTP/1.1 clients only.
    case chunked
    /// The end of the connection. `keepAlive` must be false with it.
    case untilClose
    /// No body and neither field: 1xx, 204, 304.
    case none
}
