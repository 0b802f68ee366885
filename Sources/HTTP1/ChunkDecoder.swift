/// Reads a chunked body up to its trailers (RFC 9112 section 7.1).
struct ChunkDecoder: Sendable {
    /// The result of one call of `next`.
    enum Step {
        /// Bytes of the body, as a range of the input.
        case body(Range<Int>)
        /// The last chunk was read; trailers follow.
        case lastChunk
        /// All input is consumed, and the last chunk has not been read.
        case needsMore
    }

    /// The position in the body, with the places that may follow.
    private enum Place: Sendable {
        /// In a chunk's first line → `data`, or the end.
        case line
        /// In a chunk's data, with this many bytes to come → `carriageReturn`.
        case data(Int)
        /// Before the CR after the data → `lineFeed`.
        case carriageReturn
        /// Before the LF after the data → `line`.
        case lineFeed
    }

    /// The longest first line of a chunk, in bytes.
    static let lineLimit = 1024
    /// The most bytes that all first lines of one body may have beyond the digits of their sizes. It bounds
    /// the chunk extensions.
    static let overheadLimit = 16384

    private var place = Place.line
    private var line = ChunkLine()
    private var total = 0
    private var overhead = 0

    /// The next part of the body. The whole body may have at most `limit` bytes.
    mutating func next(
        _ input: Span<UInt8>, _ offset: inout Int, limit: Int
    ) throws(RequestError) -> Step {
        while offset < input.count {
            switch place {
            case .line: if try readLine(input, &offset, limit) { return .lastChunk }
            case .data(let left): return .body(readData(input.count, &offset, left))
            case .carriageReturn: try expect(ASCII.carriageReturn, input, &offset, then: .lineFeed)
            case .lineFeed: try expect(ASCII.lineFeed, input, &offset, then: .line)
            }
        }
        return .needsMore
    }

    /// Reads a chunk's first line.
    /// - Returns: true when it was the line of the last chunk.
    private mutating func readLine(
        _ input: Span<UInt8>, _ offset: inout Int, _ limit: Int
    ) throws(RequestError) -> Bool {
        while offset < input.count {
            let byte = input[offset]
            offset &+= 1
            guard line.length < Self.lineLimit else {
                throw RequestError(.framing, "A chunk's extensions are too long.")
            }
            if try line.take(byte) { return try endLine(limit) }
        }
        return false
    }

    private mutating func endLine(_ limit: Int) throws(RequestError) -> Bool {
        // 17 is sixteen digits and the CR, which `length` includes. So a line without extensions adds nothing.
        overhead &+= max(0, line.length &- 17)
        guard overhead <= Self.overheadLimit else {
            throw RequestError(.framing, "The chunk extensions of the body are too long in total.")
        }
        let size = line.size
        line = ChunkLine()
        guard size > 0 else { return true }
        guard size <= limit &- total else { throw RequestError(.contentTooLarge, "The body is too large.") }
        total &+= size
        place = .data(size)
        return false
    }

    private mutating func readData(_ end: Int, _ offset: inout Int, _ left: Int) -> Range<Int> {
        let taken = min(left, end &- offset)
        let range = offset..<(offset &+ taken)
        offset = range.upperBound
        place = taken == left ? .carriageReturn : .data(left &- taken)
        return range
    }

    private mutating func expect(
        _ byte: UInt8, _ input: Span<UInt8>, _ offset: inout Int, then next: Place
    ) throws(RequestError) {
        guard input[offset] == byte else {
            throw RequestError(.framing, "A chunk's data does not end with CRLF.")
        }
        offset &+= 1
        place = next
    }
}
