/// The wrapping of a compressed stream.
package enum CompressionFormat: Sendable {
    /// DEFLATE blocks without a wrapping (RFC 1951), as permessage-deflate sends them.
    case raw
    /// DEFLATE with a gzip header and a checksum (RFC 1952), which is `Content-Encoding: gzip`.
    case gzip

    /// zlib's parameter that combines the window and the wrapping (`deflateInit2`, zlib.h).
    /// - Parameter windowBits: 8 to 15, which the callers have checked.
    func windowParameter(_ windowBits: Int) -> CInt {
        switch self {
        case .raw: CInt(-windowBits)
        case .gzip: CInt(windowBits + 16)
        }
    }
}
