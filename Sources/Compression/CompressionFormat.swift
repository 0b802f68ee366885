/// How a compressed stream is wrapped.
package enum CompressionFormat: Sendable {
    /// Bare DEFLATE blocks (RFC 1951), as permessage-deflate sends them.
    case raw
    /// With a gzip header and a checksum (RFC 1952), as `Content-Encoding: gzip` names it.
    case gzip

    /// How zlib wants to be told of the window and the wrapping in one number (`deflateInit2`, zlib.h).
    func windowParameter(_ windowBits: Int) -> CInt {
        let bits = CInt(clamping: windowBits)
        switch self {
        case .raw: return 0 &- max(bits, 0)
        case .gzip: return bits > 15 ? bits : bits &+ 16
        }
    }
}
