internal import CZlib

/// Owns a `z_stream` at a fixed address, because zlib keeps a pointer back to it. It has the loop over input and output
/// that deflating and inflating share.
@safe struct ZlibStream: ~Copyable {
    /// The most input that is passed to zlib at a time, in bytes, because its counters have 32 bits.
    private static let longestInput = 1 << 30
    /// The most bytes that one call of zlib may write.
    private static let longestStep = 16_384

    /// Only this value uses it. It is initialised from `init` to `deinit` and never moved.
    private let pointer: UnsafeMutablePointer<z_stream>

    /// Makes a zeroed stream, which means zlib's own allocator, no input and no output.
    init() {
        unsafe pointer = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe pointer.initialize(to: z_stream())
    }

    deinit {
        unsafe pointer.deinitialize(count: 1)
        unsafe pointer.deallocate()
    }

    /// Calls zlib with the stream.
    /// - Parameter body: must not keep the pointer.
    borrowing func call(_ body: (UnsafeMutablePointer<z_stream>) -> CInt) throws(CompressionError) {
        switch unsafe body(pointer) {
        case Z_OK: return
        case Z_MEM_ERROR: throw .outOfMemory
        default: throw .unsupportedParameters
        }
    }

    /// Ends the stream: zlib frees its memory. It must be called once, before this value is destroyed.
    borrowing func end(_ body: (UnsafeMutablePointer<z_stream>) -> CInt) {
        _ = unsafe body(pointer)
    }

    /// The position that `inflate` reports after a call (`data_type` in zlib.h).
    var dataType: CInt { unsafe pointer.pointee.data_type }

    /// Passes all of `input` to zlib and appends the output, until zlib has no more output.
    /// - Parameters:
    ///   - limit: the most bytes to append. If there are more, it throws, and one byte beyond the limit
    ///     stays in `output`.
    ///   - guess: the probable size of the output, so that a short message gets a short array.
    ///   - code: calls `deflate` or `inflate`. Its second argument says whether this is the last of the input.
    borrowing func run(
        _ input: Span<UInt8>, limit: Int, guess: Int, into output: inout [UInt8],
        _ code: (UnsafeMutablePointer<z_stream>, _ isLast: Bool) -> CInt
    ) throws(CompressionError) -> ZlibProgress {
        var progress = ZlibProgress()
        var left = max(0, limit)
        var step = min(max(guess, 64), Self.longestStep)
        while true {
            let slice = min(input.count &- progress.consumed, Self.longestInput)
            let part = input.extracting(progress.consumed..<(progress.consumed &+ slice))
            let isLast = progress.consumed &+ slice == input.count
            // Room for one byte more than allowed shows whether there is more, without an extra call.
            let room = min(left, step &- 1) &+ 1
            step = min(step &* 2, Self.longestStep)
            Self.reserve(room, in: &output, final: output.count &+ min(left, Int.max &- output.count))
            let before = output.count
            let result = unsafe walk(part, room: room, into: &output, isLast: isLast, code)
            progress.consumed &+= result.consumed
            let made = output.count &- before
            guard made <= left else { throw .limitExceeded }
            left &-= made
            switch result.code {
            case Z_STREAM_END:
                progress.isAtEnd = true
                return progress
            // Z_BUF_ERROR means that no progress was possible, as when the last call has filled exactly `room`.
            case Z_OK, Z_BUF_ERROR:
                let isStuck = made == 0 && result.consumed == 0
                if made < room, progress.consumed == input.count || isStuck { return progress }
            case Z_MEM_ERROR: throw .outOfMemory
            case Z_DATA_ERROR, Z_NEED_DICT: throw .malformedData
            // Z_STREAM_ERROR means a call that is not allowed now, such as one after the stream's end.
            default: throw .unsupportedParameters
            }
        }
    }

    private borrowing func walk(
        _ input: Span<UInt8>, room: Int, into output: inout [UInt8], isLast: Bool,
        _ code: (UnsafeMutablePointer<z_stream>, Bool) -> CInt
    ) -> (code: CInt, consumed: Int) {
        let stream = unsafe pointer
        // Both pointers are valid inside their closures, and are removed from the stream before these end. zlib only
        // reads from `next_in`, although its type does not say so.
        return unsafe input.withUnsafeBufferPointer { source in
            var result = (code: Z_OK, consumed: 0)
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(truncatingIfNeeded: source.count)
            output.append(addingCapacity: room) { free in
                unsafe free.withUnsafeMutableBufferPointer { memory, written in
                    unsafe stream.pointee.next_out = memory.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(truncatingIfNeeded: room)
                    result.code = unsafe code(stream, isLast)
                    written = unsafe room &- Int(stream.pointee.avail_out)
                }
            }
            result.consumed = unsafe source.count &- Int(stream.pointee.avail_in)
            unsafe stream.pointee.next_in = nil
            unsafe stream.pointee.next_out = nil
            unsafe stream.pointee.avail_in = 0
            unsafe stream.pointee.avail_out = 0
            return result
        }
    }

    /// Makes room for `room` more bytes. The capacity doubles, but never exceeds `final` and one step.
    private static func reserve(_ room: Int, in output: inout [UInt8], final: Int) {
        let needed = output.count &+ room
        guard output.capacity < needed else { return }
        let doubled = output.capacity > Int.max / 2 ? Int.max : output.capacity &* 2
        output.reserveCapacity(max(needed, min(doubled, final)))
    }
}

/// The progress that a stream has made with a piece of input.
package struct ZlibProgress: Sendable, Equatable {
    /// The number of the piece's bytes that belong to the stream.
    package fileprivate(set) var consumed = 0
    /// Whether the compressed stream has ended. The bytes after the consumed ones are not part of it.
    package fileprivate(set) var isAtEnd = false
}
