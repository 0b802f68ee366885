/// The read buffer that all connections of a loop share, so that an idle connection needs no buffer. A reader must copy
/// what it wants to keep before it returns to the loop.
@safe package final class ReadBuffer {
    /// The size in bytes.
    package let capacity: Int
    /// Owned by this object, freed in `deinit`, `capacity` bytes, always initialised.
    private let storage: UnsafeMutablePointer<UInt8>

    package init(capacity: Int = 65_536) {
        self.capacity = max(capacity, 1)
        unsafe storage = .allocate(capacity: self.capacity)
        unsafe storage.initialize(repeating: 0, count: self.capacity)
    }

    deinit { unsafe storage.deallocate() }

    /// Passes the whole buffer to `body`, for the kernel to read into. The pointer is valid inside `body` only.
    package func withUnsafeRoom<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeMutableRawBufferPointer(start: storage, count: capacity))
    }

    /// Passes the first `count` bytes to `body`. A count beyond the capacity is reduced to it.
    package func withSpan<Result, Failure: Error>(
        _ count: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bounded = min(max(count, 0), capacity)
        let span = unsafe Span(_unsafeElements: UnsafeBufferPointer(start: storage, count: bounded))
        return try body(span)
    }
}
