/// Compresses bodies to gzip (RFC 1952), one after the other, with one stream. Making a stream costs more than
/// compressing a small body.
///
/// The same body always gives the same bytes, because the header has no time and no name.
package struct GzipEncoder: ~Copyable {
    /// The largest output buffer that is kept for the next body, in bytes.
    private static let keptBytes = 65_536
    private var deflater: Deflater
    private var output: [UInt8] = []

    /// - Parameter level: 1 (fastest) to 9 (smallest); 4 by default.
    package init(level: Int = 4) throws(CompressionError) {
        deflater = try Deflater(format: .gzip, level: level)
    }

    /// Compresses a whole body. The result's array has no spare room, because the caller is likely to keep it.
    package mutating func encode(_ body: Span<UInt8>) throws(CompressionError) -> [UInt8] {
        try deflater.reset()
        output.removeAll(keepingCapacity: output.capacity <= Self.keptBytes)
        try deflater.compress(body, flush: .finish, into: &output)
        var result: [UInt8] = []
        result.reserveCapacity(output.count)
        result.append(contentsOf: output)
        return result
    }
}
