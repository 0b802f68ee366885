package import HTTPTypes

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

/// Writes responses as bytes. Owns `Content-Length`, `Transfer-Encoding`, `Date` and, but for an upgrade,
/// `Connection`: such fields among `fields` are left out.
package enum ResponseEncoder {
    /// Appends a head; `bodyLength` nil means chunked. See the other overload.
    package static func encodeHead(
        status: HTTPResponse.Status, fields: HTTPFields, bodyLength: Int?, keepAlive: Bool, date: [UInt8],
        into output: inout [UInt8]
    ) {}
    /// Appends a head.
    /// - Parameters:
    ///   - framing: how the body ends; ignored for 1xx, 204 and 304, which have none.
    ///   - keepAlive: whether the connection stays open.
    ///   - version: the request's version; a client of HTTP/1.0 is told `keep-alive`.
    ///   - date: a whole line from `HTTPDate.fieldLine`, or empty for none.
    package static func encodeHead(
        status: HTTPResponse.Status, fields: HTTPFields, framing: ResponseFraming, keepAlive: Bool,
        version: HTTPVersion, date: [UInt8], into output: inout [UInt8]
    ) {}
    /// Appends one chunk; an empty one is left out, since it would end the body.
    package static func encodeChunk(_ bytes: Span<UInt8>, into output: inout [UInt8]) {}
    /// Appends the last chunk, without trailers.
    package static func encodeLastChunk(into output: inout [UInt8]) {}
    /// `HTTP/1.1 100 Continue` and its empty line.
    package static let continueResponse: [UInt8] = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
}
