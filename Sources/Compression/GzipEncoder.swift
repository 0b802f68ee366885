/// Makes gzip bodies (RFC 1952), one after the other, with one stream: to make a stream costs more than to
/// compress a small body.
///
/// The same body always gives the same bytes: the header carries no time and no name.
package struct GzipEncoder: ~Copyable {
    /// The most that is kept between two bodies for the next one's output, in bytes.
    private static let keptBytes = 65_536
    private var deflater: Deflater
    private var output: [UInt8] = []

    /// - Parameter level: 1 (fastest) to 9 (smallest); 4 by default.
    package init(level: Int = 4) throws(CompressionError) {
        deflater = try Deflater(format: .gzip, level: level)
    }

    /// The gzip form of a whole body, in an array of just that size: it is likely to be kept.
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
