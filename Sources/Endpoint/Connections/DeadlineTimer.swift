internal import EventLoops

/// A connection's timer. It is rearmed only if the new deadline is earlier than the armed one. If it fires before a
/// later deadline, the connection arms it again. So a request on a busy connection costs no timer operation.
struct DeadlineTimer {
    private var armed: (timer: ScheduledTimer, due: MonotonicInstant)?

    mutating func arm(at deadline: MonotonicInstant, on loop: EventLoop, _ action: @escaping () -> Void) {
        if let armed, armed.due <= deadline { return }
        armed?.timer.cancel()
        armed = (loop.schedule(at: deadline, action), deadline)
    }

    /// The timer has fired. The action must call this first.
    mutating func fired() { armed = nil }

    mutating func cancel() {
        armed?.timer.cancel()
        armed = nil
    }
}
