package import EventLoops
internal import Synchronization

/// A poller whose time stands still until the test moves it. Its descriptors are polled by the kernel.
package final class ManualTimePoller: Poller {
    private struct Time {
        var now = MonotonicInstant.read()
        /// The time moves up to this instant, with turns of the loop on the way.
        var target = MonotonicInstant(nanoseconds: 0)
        var arrived: [CheckedContinuation<Void, Never>] = []
    }

    private let epoll: Epoll
    private let time = Mutex(Time())

    package init() throws(EventLoopError) {
        epoll = try Epoll()
    }

    /// Lets time pass: the loop runs whenever one of its timers is due. Returns when nothing is left to do.
    package func advance(by duration: Duration) async {
        await withCheckedContinuation { continuation in
            time.withLock { time in
                time.target = max(time.target, time.now).advanced(by: duration)
                time.arrived.append(continuation)
            }
            epoll.wake()
        }
    }

    /// Moves the time at once, as for a process that was stopped; the loop learns of it in its next turn.
    package func jump(by duration: Duration) {
        time.withLock { $0.now = $0.now.advanced(by: duration) }
        epoll.wake()
    }

    package func wait(milliseconds: CInt) throws(EventLoopError) -> Int {
        guard milliseconds != 0 else { return try epoll.wait(milliseconds: 0) }
        let ready = try epoll.wait(milliseconds: 0)
        guard ready == 0 else { return ready }
        let (moves, arrived) = time.withLock { time in
            guard time.now < time.target else {
                defer { time.arrived = [] }
                return (false, time.arrived)
            }
            let due = time.now.advanced(byNanoseconds: UInt64(max(milliseconds, 0)) * 1_000_000)
            time.now = milliseconds < 0 ? time.target : min(due, time.target)
            return (true, [])
        }
        for continuation in arrived { continuation.resume() }
        return moves ? 0 : try epoll.wait(milliseconds: -1)
    }

    package func readClock() -> MonotonicInstant { time.withLock { $0.now } }

    package func wake() { epoll.wake() }

    package func add(_ descriptor: CInt, _ interest: Interest, token: UInt64) throws(EventLoopError) {
        try epoll.add(descriptor, interest, token: token)
    }

    package func modify(_ descriptor: CInt, _ interest: Interest, token: UInt64) throws(EventLoopError) {
        try epoll.modify(descriptor, interest, token: token)
    }

    package func remove(_ descriptor: CInt) { epoll.remove(descriptor) }

    package func event(_ index: Int) -> (token: UInt64, readiness: Readiness) { epoll.event(index) }
}
