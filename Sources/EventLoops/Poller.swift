/// Gives a loop the descriptors that are ready, and the time.
///
/// Production uses `Epoll`. A test may use a poller whose clock it controls. A turn calls its poller only a few
/// times, so the cost of calls through the protocol does not matter.
package protocol Poller: AnyObject, Sendable {
    /// Starts to watch a descriptor. Its events have `token`.
    func add(_ descriptor: CInt, _ interest: Interest, token: UInt64) throws(EventLoopError)

    /// Changes the interest in a descriptor. The poller reports again what the descriptor is already ready for.
    func modify(_ descriptor: CInt, _ interest: Interest, token: UInt64) throws(EventLoopError)

    /// Stops watching a descriptor. Does nothing when it is not watched.
    func remove(_ descriptor: CInt)

    /// Waits up to `milliseconds` (-1 means until something happens) and returns the number of events, at most 256.
    func wait(milliseconds: CInt) throws(EventLoopError) -> Int

    /// An event of the last wait. `index` must be below the number that it returned.
    func event(_ index: Int) -> (token: UInt64, readiness: Readiness)

    /// Ends the current wait, or the next one. Only this function may be called from any thread.
    func wake()

    /// The monotonic time.
    func readClock() -> MonotonicInstant
}
