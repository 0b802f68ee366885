/// How a compressed stream is wrapped.
package enum CompressionFormat: Sendable {
    /// Bare DEFLATE blocks (RFC 1951), as permessage-deflate sends them.
    case raw
    /// With a gzip header and a checksum (RFC 1952), as `Content-Encoding: gzip` names it.
    case gzip
}
