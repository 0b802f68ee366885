/// Where a loop learns which descriptors are ready, and what time it is.
///
/// `Epoll` is the one of production; a test may move the time by itself. A turn asks its poller a few times, so what a
/// call through the protocol costs does not show.
package protocol Poller: AnyObject, Sendable {
    /// Watches a descriptor from now on; its events carry `token`.
    func add(_ descriptor: CInt, _ interest: Interest, token: UInt64) throws(EventLoopError)

    /// Changes what to be told about; told again of what the descriptor is ready for already.
    func modify(_ descriptor: CInt, _ interest: Interest, token: UInt64) throws(EventLoopError)

    /// Watches a descriptor no more. Harmless when it is not watched.
    func remove(_ descriptor: CInt)

    /// Waits up to `milliseconds` (-1: until something happens) and returns how many events there are, at most 256.
    func wait(milliseconds: CInt) throws(EventLoopError) -> Int

    /// An event of the last wait; `index` is below the count that it returned.
    func event(_ index: Int) -> (token: UInt64, readiness: Readiness)

    /// Ends the wait at hand, or the next one. Callable from any thread, unlike all else.
    func wake()

    /// The monotonic time.
    func readClock() -> MonotonicInstant
}
