internal import CZlib

/// Decompresses a stream piece by piece. It keeps its history from one piece to the next.
///
/// It takes about 7 KiB of memory, and a window of up to 32 KiB from the first byte on. Two threads must not use it
/// at the same time.
package struct Inflater: ~Copyable {
    /// The longest input, in bytes, that still raises the guess for the size of the output.
    private static let longInput = 16_384
    private let stream: ZlibStream

    /// Makes an inflater at the start of a stream.
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

    /// Decompresses a piece and appends all output that it determines.
    ///
    /// `output` never grows by more than `limit` and 16 KiB, whatever the piece contains.
    /// - Parameter limit: the most bytes to append in this call.
    /// - Throws: `malformedData`, or `limitExceeded` when there is more output than `limit`. After that only
    ///   `reset()` may be called.
    package mutating func inflate(
        _ input: Span<UInt8>, limit: Int, into output: inout [UInt8]
    ) throws(CompressionError) -> ZlibProgress {
        try unsafe run(input, limit: limit, into: &output) { unsafe CZlib.inflate($0, Z_SYNC_FLUSH) }
    }

    /// As `inflate(_:limit:into:)`, but also limits the number of blocks, for a whole untrusted gzip stream.
    ///
    /// A block of eleven bytes can make zlib build tables for a microsecond without any output (RFC 1951 section
    /// 3.2.7). With limits on lengths alone, a body of a megabyte could take 70 ms.
    /// - Parameter blocksLeft: the blocks that are still allowed. It falls by one for each block and for each
    ///   stream's head.
    /// - Throws: also `tooManyBlocks` when it would fall below 0.
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

    /// Whether zlib has stopped right after a head or a block, which bit 7 of `data_type` says.
    private static func isAtBoundary(_ dataType: CInt) -> Bool { dataType & 0x80 != 0 }

    /// Whether the last piece ended exactly where a block may begin: after the end of a block, at a byte boundary.
    package var isAtBlockStart: Bool {
        // Bit 7 of `data_type` must be set. The lower six bits, the number of unused bits of the last byte, must
        // be 0 (zlib.h).
        stream.dataType & 0xBF == 0x80
    }

    /// Drops the history. The next piece starts a new stream.
    package mutating func reset() throws(CompressionError) {
        try unsafe stream.call { unsafe inflateReset($0) }
    }

    /// Starts a new stream after the end of the last one. It may still refer to the last one's history.
    package mutating func resetKeepingHistory() throws(CompressionError) {
        try unsafe stream.call { unsafe inflateResetKeep($0) }
    }
}
