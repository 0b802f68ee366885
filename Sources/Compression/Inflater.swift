internal import CZlib

/// Restores a compressed stream piece by piece; keeps its history from one piece to the next.
///
/// Costs about 7 KiB, and a window of up to 32 KiB from the first byte on. Not touched by two threads at once.
package struct Inflater: ~Copyable {
    /// From here on the length of the input says no more about the first piece of output.
    private static let longInput = 16_384
    private let stream: ZlibStream

    /// An inflater at the start of a stream.
    /// - Parameter windowBits: the base-2 logarithm of the longest history that the sender may use, 8 to 15.
    /// - Throws: `unsupportedParameters` outside of that range, `outOfMemory`.
    package init(format: CompressionFormat, windowBits: Int = 15) throws(CompressionError) {
        guard (8...15).contains(windowBits) else { throw .unsupportedParameters }
        let stream = ZlibStream()
        try unsafe stream.call {
            unsafe inflateInit2_(
                $0, format.windowParameter(windowBits), ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        }
        self.stream = stream
    }

    deinit {
        unsafe stream.end { unsafe inflateEnd($0) }
    }

    /// Appends what a piece means, all of it that can be known so far.
    ///
    /// `output` never grows by more than `limit` and 16 KiB, whatever the piece promises.
    /// - Parameter limit: the most bytes to append in this call.
    /// - Throws: `malformedData`, or `limitExceeded` when even one byte more would come; the inflater is then
    ///   good for `reset()` only.
    package mutating func inflate(
        _ input: Span<UInt8>, limit: Int, into output: inout [UInt8]
    ) throws(CompressionError) -> ZlibProgress {
        try unsafe run(input, limit: limit, into: &output) { unsafe CZlib.inflate($0, Z_SYNC_FLUSH) }
    }

    /// As `inflate(_:limit:into:)`, for a whole untrusted gzip stream, whose blocks are counted too.
    ///
    /// A block of eleven bytes may have zlib make tables for a microsecond and mean nothing (RFC 1951 section
    /// 3.2.7): limits on lengths alone let a body of a megabyte take 70 ms.
    /// - Parameter blocksLeft: falls by one with each block, and with each stream's head.
    /// - Throws: also `tooManyBlocks`, when it would fall below 0.
    package mutating func inflate(
        _ input: Span<UInt8>, limit: Int, blocksLeft: inout Int, into output: inout [UInt8]
    ) throws(CompressionError) -> ZlibProgress {
        var left = blocksLeft
        defer { blocksLeft = max(left, 0) }
        do throws(CompressionError) {
            return try unsafe run(input, limit: limit, into: &output) { stream in
                let code = unsafe CZlib.inflate(stream, Z_BLOCK)
                if unsafe Self.isAtBoundary(stream.pointee.data_type) { left &-= 1 }
                return left < 0 ? Z_DATA_ERROR : code
            }
        } catch {
            throw left < 0 ? .tooManyBlocks : error
        }
    }

    private borrowing func run(
        _ input: Span<UInt8>, limit: Int, into output: inout [UInt8],
        _ step: (UnsafeMutablePointer<z_stream>) -> CInt
    ) throws(CompressionError) -> ZlibProgress {
        try unsafe stream.run(
            input, limit: limit, guess: min(input.count, Self.longInput) &* 4, into: &output
        ) { stream, _ in
            unsafe step(stream)
        }
    }

    /// Bit 7 of what `inflate` says of its place: right behind a head or a block.
    private static func isAtBoundary(_ dataType: CInt) -> Bool { dataType & 0x80 != 0 }

    /// Whether the last piece ended right where a block may begin: after the end of one, at a byte's end.
    package var isAtBlockStart: Bool {
        // Bit 7 of what `inflate` says of its place; the lower six count bits that are left over (zlib.h).
        stream.dataType & 0xBF == 0x80
    }

    /// Forgets everything: the next piece starts a new stream.
    package mutating func reset() throws(CompressionError) {
        try unsafe stream.call { unsafe inflateReset($0) }
    }

    /// Starts a new stream after the end of one, that may still refer to the history of the last.
    package mutating func resetKeepingHistory() throws(CompressionError) {
        try unsafe stream.call { unsafe inflateResetKeep($0) }
    }
}
