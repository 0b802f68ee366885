/// How a compressed stream is wrapped.
package enum CompressionFormat: Sendable {
    /// Bare DEFLATE blocks (RFC 1951), as permessage-deflate sends them.
    case raw
    /// With a gzip header and a checksum (RFC 1952), as `Content-Encoding: gzip` names it.
    case gzip

    /// How zlib wants to be told of the window and the wrapping in one number (`deflateInit2`, zlib.h).
    /// - Parameter windowBits: 8 to 15, as the callers have made sure.
    func windowParameter(_ windowBits: Int) -> CInt {
        switch self {
        case .raw: CInt(-windowBits)
        case .gzip: CInt(windowBits + 16)
        }
    }
}
