/// A loop's one read buffer: every connection of the loop reads through it, so that an idle connection owns
/// none. What a reader wants to keep it copies before it returns to the loop.
@safe package final class ReadBuffer {
    /// Room in bytes.
    package let capacity: Int
    /// Owned by this object, freed in `deinit`, `capacity` bytes, always initialised.
    private let storage: UnsafeMutablePointer<UInt8>

    package init(capacity: Int = 65_536) {
        self.capacity = max(capacity, 1)
        unsafe storage = .allocate(capacity: self.capacity)
        unsafe storage.initialize(repeating: 0, count: self.capacity)
    }

    deinit { unsafe storage.deallocate() }

    /// The whole room, for the kernel to read into. The pointer is valid inside `body` only.
    package func withUnsafeRoom<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeMutableRawBufferPointer(start: storage, count: capacity))
    }

    /// The first `count` bytes, clamped to the capacity.
    package func withSpan<Result, Failure: Error>(
        _ count: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bounded = min(max(count, 0), capacity)
        let span = unsafe Span(_unsafeElements: UnsafeBufferPointer(start: storage, count: bounded))
        return try body(span)
    }
}
