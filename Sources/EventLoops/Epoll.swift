internal import CLinux
internal import Glibc

/// The poller of production. It owns an epoll set (epoll(7)), which is level-triggered unless an interest asks for
/// edges, and an eventfd (eventfd(2)) with which another thread ends its wait.
///
/// `@unchecked Sendable`: `events` is touched by the loop's thread alone, in `wait` and `event`.
@safe package final class Epoll: Poller, @unchecked Sendable {
    /// The token of the eventfd; no watch has it.
    private static let wakeToken = UInt64.max

    private let fileDescriptor: CInt
    private let wakeDescriptor: CInt
    /// The buffer for the events of one wait. This object owns it and frees it in `deinit`; it has `capacity` elements.
    private let events: UnsafeMutablePointer<epoll_event>
    private let capacity = 256

    package init() throws(EventLoopError) {
        fileDescriptor = epoll_create1(CInt(EPOLL_CLOEXEC))
        let epollError = errno
        wakeDescriptor = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        let eventError = errno
        unsafe events = .allocate(capacity: capacity)
        unsafe events.initialize(repeating: epoll_event(), count: capacity)
        // All properties are set, so `deinit` runs if this throws, and closes what was opened.
        guard fileDescriptor >= 0 else { throw .system(call: "epoll_create1", errno: epollError) }
        guard wakeDescriptor >= 0 else { throw .system(call: "eventfd", errno: eventError) }
        try add(wakeDescriptor, .read, token: Self.wakeToken)
    }

    deinit {
        unsafe events.deallocate()
        close(fileDescriptor)
        close(wakeDescriptor)
    }

    package func add(_ target: CInt, _ interest: Interest, token: UInt64) throws(EventLoopError) {
        try control(EPOLL_CTL_ADD, target, interest, token)
    }

    package func modify(_ target: CInt, _ interest: Interest, token: UInt64) throws(EventLoopError) {
        try control(EPOLL_CTL_MOD, target, interest, token)
    }

    package func remove(_ target: CInt) {
        var event = unsafe epoll_event()
        unsafe _ = epoll_ctl(fileDescriptor, EPOLL_CTL_DEL, target, &event)
    }

    package func wait(milliseconds: CInt) throws(EventLoopError) -> Int {
        let count = unsafe epoll_wait(fileDescriptor, events, CInt(capacity), milliseconds)
        guard count >= 0 else {
            guard errno != EINTR else { return 0 }
            throw .system(call: "epoll_wait", errno: errno)
        }
        return Int(count)
    }

    package func event(_ index: Int) -> (token: UInt64, readiness: Readiness) {
        precondition((0..<capacity).contains(index))
        let event = unsafe events[index]
        let token = unsafe event.data.u64
        if token == Self.wakeToken {
            var count: eventfd_t = 0
            unsafe _ = eventfd_read(wakeDescriptor, &count)
        }
        return unsafe (token, Readiness(events: event.events))
    }

    /// The result is ignored: EAGAIN means that the counter is full, so the wait will end anyway.
    package func wake() {
        _ = eventfd_write(wakeDescriptor, 1)
    }

    package func readClock() -> MonotonicInstant { .read() }

    private func control(
        _ operation: CInt, _ target: CInt, _ interest: Interest, _ token: UInt64
    ) throws(EventLoopError) {
        var event = unsafe epoll_event()
        unsafe event.events = interest.events
        unsafe event.data.u64 = token
        guard unsafe epoll_ctl(fileDescriptor, operation, target, &event) == 0 else {
            throw .system(call: "epoll_ctl", errno: errno)
        }
    }
}

extension Interest {
    fileprivate var events: UInt32 {
        var events: UInt32 = 0
        if contains(.read) { events |= EPOLLIN.rawValue }
        if contains(.write) { events |= EPOLLOUT.rawValue }
        if contains(.edges) { events |= EPOLLET.rawValue | EPOLLRDHUP.rawValue | EPOLLPRI.rawValue }
        return events
    }
}

extension Readiness {
    fileprivate init(events: UInt32) {
        var bits: UInt8 = 0
        if events & EPOLLIN.rawValue != 0 { bits |= Self.readable.rawValue }
        if events & EPOLLOUT.rawValue != 0 { bits |= Self.writable.rawValue }
        if events & (EPOLLRDHUP.rawValue | EPOLLPRI.rawValue) != 0 { bits |= Self.readsEndShort.rawValue }
        if events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { bits |= Self.hangUp.rawValue }
        self.init(rawValue: bits)
    }
}
