internal import CLibPQ

/// Owns one `PGcancel`: asks the server, over a connection of its own, to cancel what a connection is running.
///
/// `@unchecked Sendable`: libpq makes a `PGcancel` for use by another thread; it is immutable.
@safe final class CancelHandle: @unchecked Sendable {
    /// From `PQgetCancel`, owned here, freed in `deinit`.
    private let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    deinit {
        unsafe PQfreeCancel(pointer)
    }

    /// Sends the request on a thread that may block. The effect is not reported: the request may come too late, and
    /// is not sent at all while too many requests hang.
    /// - Parameter completion: called on that thread when the request has ended; never called when the request was
    ///   not sent.
    func request(_ completion: @escaping @Sendable () -> Void) {
        BlockingLanes.cancels.run { [self] in
            var reason = [CChar](repeating: 0, count: 256)
            // `reason` has 256 bytes, and libpq writes at most that many. The text is not used.
            unsafe reason.withUnsafeMutableBufferPointer { buffer in
                _ = unsafe PQcancel(pointer, buffer.baseAddress, 256)
            }
            completion()
        }
    }
}
