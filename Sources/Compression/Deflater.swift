internal import CZlib

/// Compresses a stream piece by piece. It keeps its history from one piece to the next.
///
/// It takes up to 256 KiB of memory from the first byte on, less with a smaller window and memory level. Making one
/// takes tens of microseconds, so `reset()` is better than a new one. Two threads must not use it at the same time.
///
/// ```swift
/// var deflater = try Deflater(format: .gzip, level: 4)
/// try deflater.compress(body.span, flush: .finish, into: &output)
/// ```
package struct Deflater: ~Copyable {
    /// How a piece ends.
    package enum Flush: Sendable {
        /// All input so far is written, up to a byte boundary: an empty stored block, `00 00 FF FF`, ends the piece.
        case sync
        /// As `sync`, and later pieces refer to nothing before this point, so a receiver may start here.
        case full
        /// The stream ends. Only `reset()` may follow.
        case finish

        fileprivate var code: CInt {
            switch self {
            case .sync: Z_SYNC_FLUSH
            case .full: Z_FULL_FLUSH
            case .finish: Z_FINISH
            }
        }
    }

    private let stream: ZlibStream

    /// Makes a deflater at the start of a stream.
    /// - Parameters:
    ///   - level: 0 (stored) to 9 (smallest).
    ///   - windowBits: the base-2 logarithm of the history's length, 9 to 15. zlib cannot write 8.
    ///   - memoryLevel: 1 (least memory, slow) to 9.
    /// - Throws: `unsupportedParameters` outside of these ranges, `outOfMemory`.
    package init(
        format: CompressionFormat, level: Int, windowBits: Int = 15, memoryLevel: Int = 8
    ) throws(CompressionError) {
        guard (0...9).contains(level), (9...15).contains(windowBits), (1...9).contains(memoryLevel) else {
            throw .unsupportedParameters
        }
        let stream = ZlibStream()
        try unsafe stream.call {
            unsafe deflateInit2_(
                $0, CInt(level), Z_DEFLATED, format.windowParameter(windowBits), CInt(memoryLevel),
                Z_DEFAULT_STRATEGY, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        }
        self.stream = stream
    }

    deinit {
        unsafe stream.end { unsafe deflateEnd($0) }
    }

    /// Appends the compressed form of a piece.
    /// - Throws: `unsupportedParameters` after `finish`. It accepts any input.
    package mutating func compress(
        _ input: Span<UInt8>, flush: Flush, into output: inout [UInt8]
    ) throws(CompressionError) {
        let code = flush.code
        let progress = try unsafe stream.run(
            input, limit: Int.max, guess: input.count, into: &output
        ) { stream, isLast in
            unsafe deflate(stream, isLast ? code : Z_NO_FLUSH)
        }
        guard progress.consumed == input.count else { throw .unsupportedParameters }
    }

    /// Drops the history. The next piece starts a new stream.
    package mutating func reset() throws(CompressionError) {
        try unsafe stream.call { unsafe deflateReset($0) }
    }
}
