/// Restores untrusted gzip bodies (RFC 1952), one after the other, with one stream: the counterpart of
/// `GzipEncoder`.
///
/// ```swift
/// let plain = try decoder.decode(body.span, limit: 1_048_576)
/// ```
package struct GzipDecoder: ~Copyable {
    /// Blocks and members of one body, at most: a sender that flushes after each of a thousand fixes makes two
    /// thousand.
    package static let blockLimit = 8_192
    /// The most that is kept between two bodies for the next one's output, in bytes.
    private static let keptBytes = 65_536
    private var inflater: Inflater
    private var output: [UInt8] = []

    package init() throws(CompressionError) {
        inflater = try Inflater(format: .gzip)
    }

    /// The content of a whole body: of all its members, of which there may be several (section 2.2), and nothing
    /// may follow them.
    ///
    /// Never needs more memory than `limit` and 16 KiB, nor more time than a few milliseconds per megabyte, whatever
    /// the body promises.
    /// - Parameter limit: the most bytes that may come out.
    /// - Throws: `malformedData`, `incompleteData`, `tooManyBlocks`, `limitExceeded`; the next body may follow.
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
