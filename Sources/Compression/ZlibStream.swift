internal import CZlib

/// A `z_stream` at a fixed place in memory, because zlib keeps a pointer back to it; and the walk through input
/// and output that deflating and inflating have in common.
@safe struct ZlibStream: ~Copyable {
    /// The most that zlib's 32-bit counters are given at a time, in bytes.
    private static let longestInput = 1 << 30
    /// The most that one call of zlib may write, in bytes.
    private static let longestStep = 16_384

    /// Ours alone, initialised from `init` to `deinit`, never moved.
    private let pointer: UnsafeMutablePointer<z_stream>

    /// Zeroed: zlib's own allocator, no input, no output.
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

    /// Ends the stream; zlib frees what it holds. Once, before this value goes.
    borrowing func end(_ body: (UnsafeMutablePointer<z_stream>) -> CInt) {
        _ = unsafe body(pointer)
    }

    /// What `inflate` says of its place.
    var dataType: CInt { unsafe pointer.pointee.data_type }

    /// Gives zlib all of `input` and appends what it makes of it, until it has no more to say.
    /// - Parameters:
    ///   - limit: the most bytes that may be appended; when more would come, one more stays in `output`, and it throws.
    ///   - guess: how many bytes will probably come, so that a short message gets a short array.
    ///   - code: `deflate` or `inflate`; told whether the input it sees is the last of it.
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
            // One byte more than allowed shows whether there is more, without a separate question.
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
            // Z_BUF_ERROR: nothing to do with what it has, which is how a walk ends that made exactly `room`.
            case Z_OK, Z_BUF_ERROR:
                let isStuck = made == 0 && result.consumed == 0
                if made < room, progress.consumed == input.count || isStuck { return progress }
            case Z_MEM_ERROR: throw .outOfMemory
            case Z_DATA_ERROR, Z_NEED_DICT: throw .malformedData
            // Z_STREAM_ERROR: asked for what cannot come next, as more after the end.
            default: throw .unsupportedParameters
            }
        }
    }

    private borrowing func walk(
        _ input: Span<UInt8>, room: Int, into output: inout [UInt8], isLast: Bool,
        _ code: (UnsafeMutablePointer<z_stream>, Bool) -> CInt
    ) -> (code: CInt, consumed: Int) {
        let stream = unsafe pointer
        // Both pointers are valid for the closures, whose end takes them from the stream again. zlib only reads
        // `next_in`, although its type does not say so.
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

    /// Makes room for so many bytes; doubles, but never beyond `final` and one step.
    private static func reserve(_ room: Int, in output: inout [UInt8], final: Int) {
        let needed = output.count &+ room
        guard output.capacity < needed else { return }
        let doubled = output.capacity > Int.max / 2 ? Int.max : output.capacity &* 2
        output.reserveCapacity(max(needed, min(doubled, final)))
    }
}

/// How far a piece of input brought a stream.
package struct ZlibProgress: Sendable, Equatable {
    /// Bytes of the piece that belong to the stream.
    package fileprivate(set) var consumed = 0
    /// Whether the compressed stream has ended; what follows `consumed` is not part of it.
    package fileprivate(set) var isAtEnd = false
}
