import Compression

/// Arbitrary bytes inflate to the same however they are cut and never beyond the limit; as a gzip body they are what
/// their members are one by one; and what the deflater makes of them, in pieces, with any flush and any window,
/// inflates to them again, to the byte of the limit.
///
/// The first byte chooses format, level, window and memory.
enum DeflateFuzz {
    private static let limit = 2_048

    static func check(_ bytes: [UInt8]) {
        guard let choice = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        let format: CompressionFormat = choice & 1 == 0 ? .raw : .gzip
        let windowBits = 9 + Int(choice >> 1) % 7
        checkReading(rest, format)
        checkBody(rest)
        checkRoundTrip(rest, format, windowBits, level: Int(choice >> 4) % 10)
    }

    /// With the longest window: zlib lets a reference reach beyond a shorter one as far as the bytes happen to be
    /// at hand from the same call, so that the verdict on such a peer's mistake depends on the cut.
    private static func checkReading(_ bytes: [UInt8], _ format: CompressionFormat) {
        let whole = Inflation([bytes], format, 15, limit: limit)
        require(Inflation(Pieces(bytes).all, format, 15, limit: limit) == whole, "pieces")
        require(whole.output.count <= limit, "limit")
    }

    /// Block by block and with one stream, as against at once and with a stream for each member.
    private static func checkBody(_ bytes: [UInt8]) {
        let content: [UInt8]?
        do throws(CompressionError) {
            var decoder = try GzipDecoder()
            content = try decoder.decode(bytes.span, limit: limit)
        } catch {
            content = nil
        }
        require(content == members(of: bytes), "a body")
    }

    private static func members(of bytes: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        var rest = bytes
        repeat {
            let member = Inflation([rest], .gzip, 15, limit: limit - output.count)
            guard member.error == nil, member.isAtEnd else { return nil }
            output += member.output
            rest.removeFirst(member.consumed)
        } while !rest.isEmpty
        return output
    }

    private static func checkRoundTrip(
        _ bytes: [UInt8], _ format: CompressionFormat, _ windowBits: Int, level: Int
    ) {
        let pieces = Pieces(bytes).all
        guard let compressed = try? deflated(pieces, format, windowBits, level) else {
            return require(false, "deflater fails")
        }
        let cut = Pieces(compressed).all
        let again = Inflation(cut, format, windowBits, limit: bytes.count)
        require(again.error == nil && again.isAtEnd && again.output == bytes, "round trip")
        require(again.consumed == compressed.count, "bytes behind the end")
        if format == .gzip { checkBody(compressed + compressed) }
        guard !bytes.isEmpty else { return }
        let short = Inflation(cut, format, windowBits, limit: bytes.count - 1)
        require(short.error == .limitExceeded, "one byte beyond the limit")
    }

    /// All pieces in turn with both flushes; an inflater that follows has each piece whole at once.
    private static func deflated(
        _ pieces: [[UInt8]], _ format: CompressionFormat, _ windowBits: Int, _ level: Int
    ) throws(CompressionError) -> [UInt8] {
        var deflater = try Deflater(format: format, level: level, windowBits: windowBits, memoryLevel: 1)
        var inflater = try Inflater(format: format, windowBits: windowBits)
        var all: [UInt8] = []
        for (index, piece) in pieces.enumerated() {
            var part: [UInt8] = []
            try deflater.compress(piece.span, flush: index % 3 == 2 ? .full : .sync, into: &part)
            var restored: [UInt8] = []
            _ = try inflater.inflate(part.span, limit: piece.count, into: &restored)
            require(restored == piece, "a flushed piece is not whole")
            all += part
        }
        let nothing: [UInt8] = []
        try deflater.compress(nothing.span, flush: .finish, into: &all)
        return all
    }
}

/// What an inflater makes of pieces, up to its end, an error or the limit of them all.
private struct Inflation: Equatable {
    private(set) var output: [UInt8] = []
    private(set) var consumed = 0
    private(set) var isAtEnd = false
    private(set) var error: CompressionError?

    init(_ pieces: [[UInt8]], _ format: CompressionFormat, _ windowBits: Int, limit: Int) {
        do throws(CompressionError) {
            var inflater = try Inflater(format: format, windowBits: windowBits)
            for piece in pieces where !isAtEnd {
                var part: [UInt8] = []
                let progress = try inflater.inflate(piece.span, limit: limit - output.count, into: &part)
                output += part
                consumed += progress.consumed
                isAtEnd = progress.isAtEnd
            }
        } catch {
            self.error = error
            // How much is known before an error depends on the cut; that there is one does not.
            output = []
            consumed = 0
        }
    }
}
