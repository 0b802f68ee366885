internal import EventLoops

/// A connection's timer. It is armed anew only when it is to fire earlier than it would: a timer that fires too early is
/// armed again, so that a request on a busy connection costs none.
struct DeadlineTimer {
    private var armed: (timer: ScheduledTimer, due: MonotonicInstant)?

    mutating func arm(at deadline: MonotonicInstant, on loop: EventLoop, _ action: @escaping () -> Void) {
        if let armed, armed.due <= deadline { return }
        armed?.timer.cancel()
        armed = (loop.schedule(at: deadline, action), deadline)
    }

    /// The action runs.
    mutating func fired() { armed = nil }

    mutating func cancel() {
        armed?.timer.cancel()
        armed = nil
    }
}
