/// How the end of a response's body is told (RFC 9112 section 6.3).
package enum ResponseFraming: Sendable, Equatable {
    /// `Content-Length` with this many bytes (also for HEAD, whose body is not sent).
    case length(Int)
    /// `Transfer-Encoding: chunked`; only to a client of HTTP/1.1.
    case chunked
    /// The end of the connection; say `keepAlive: false` with it.
    case untilClose
    /// Neither field: 1xx, 204, 304.
    case none
}
