internal import CLibPQ

/// Owns one `PGcancel`: asks the server, over a connection of its own, to give up what a connection is running.
///
/// `@unchecked Sendable`: libpq makes `PGcancel` for use by another thread; it is immutable.
@safe final class CancelHandle: @unchecked Sendable {
    /// From `PQgetCancel`, ours alone, freed in `deinit`.
    private let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    deinit {
        unsafe PQfreeCancel(pointer)
    }

    /// Sends the request on a thread that may block. Whether it helps is not told: it may come too late, and is not
    /// sent at all while too many hang.
    /// - Parameter completion: called on that thread when it is over, or never.
    func request(_ completion: @escaping @Sendable () -> Void) {
        BlockingLanes.cancels.run { [self] in
            var reason = [CChar](repeating: 0, count: 256)
            // `reason` has 256 bytes, which libpq fills at most; nobody reads them.
            unsafe reason.withUnsafeMutableBufferPointer { buffer in
                _ = unsafe PQcancel(pointer, buffer.baseAddress, 256)
            }
            completion()
        }
    }
}
