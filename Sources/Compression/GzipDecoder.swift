/// Decompresses untrusted gzip bodies (RFC 1952), one after the other, with one stream. It is the counterpart of
/// `GzipEncoder`.
///
/// ```swift
/// let plain = try decoder.decode(body.span, limit: 1_048_576)
/// ```
package struct GzipDecoder: ~Copyable {
    /// The most blocks and members of one body. A sender that flushes after each of a thousand fixes makes two
    /// thousand.
    package static let blockLimit = 8_192
    /// The largest output buffer that is kept for the next body, in bytes.
    private static let keptBytes = 65_536
    private var inflater: Inflater
    private var output: [UInt8] = []

    package init() throws(CompressionError) {
        inflater = try Inflater(format: .gzip)
    }

    /// Decompresses a whole body. It may have several members (section 2.2), whose contents are joined, and must have
    /// nothing after them.
    ///
    /// The result never has more than `limit` bytes. The output buffer never exceeds `limit` by more than 16 KiB, and a
    /// body takes a few milliseconds per megabyte, whatever it contains.
    /// - Parameter limit: the most bytes of the result.
    /// - Throws: `malformedData`, `incompleteData`, `tooManyBlocks`, `limitExceeded`. The decoder can be used for the
    ///   next body nevertheless.
    package mutating func decode(_ body: Span<UInt8>, limit: Int) throws(CompressionError) -> [UInt8] {
        output.removeAll(keepingCapacity: output.capacity <= Self.keptBytes)
        var blocksLeft = Self.blockLimit
        var used = 0
        repeat {
            try inflater.reset()
            let progress = try inflater.inflate(
                body.extracting(used..<body.count), limit: limit &- output.count, blocksLeft: &blocksLeft,
                into: &output)
            used &+= progress.consumed
            guard progress.isAtEnd else { throw .incompleteData }
        } while used < body.count
        return output
    }
}
