internal import CLinux
internal import Glibc

/// Owner of an epoll set (epoll(7)), level-triggered unless an interest asks for edges.
@safe struct Epoll: ~Copyable {
    private let fileDescriptor: CInt
    /// Room for one wait's events: owned here, freed in `deinit`, `capacity` long.
    private let events: UnsafeMutablePointer<epoll_event>
    private let capacity = 256

    init() throws(EventLoopError) {
        fileDescriptor = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard fileDescriptor >= 0 else { throw .system(call: "epoll_create1", errno: errno) }
        unsafe events = .allocate(capacity: capacity)
        unsafe events.initialize(repeating: epoll_event(), count: capacity)
    }

    deinit {
        unsafe events.deallocate()
        close(fileDescriptor)
    }

    func add(_ target: CInt, _ interest: Interest, token: UInt64) throws(EventLoopError) {
        try control(EPOLL_CTL_ADD, target, interest, token)
    }

    func modify(_ target: CInt, _ interest: Interest, token: UInt64) throws(EventLoopError) {
        try control(EPOLL_CTL_MOD, target, interest, token)
    }

    /// Never fails in a way that matters: a descriptor that is not in the set is what was asked for.
    func remove(_ target: CInt) {
        var event = unsafe epoll_event()
        unsafe _ = epoll_ctl(fileDescriptor, EPOLL_CTL_DEL, target, &event)
    }

    /// Waits up to `milliseconds` (-1: until something happens) and returns how many events there are.
    func wait(milliseconds: CInt) throws(EventLoopError) -> Int {
        let count = unsafe epoll_wait(fileDescriptor, events, CInt(capacity), milliseconds)
        guard count >= 0 else {
            guard errno != EINTR else { return 0 }
            throw .system(call: "epoll_wait", errno: errno)
        }
        return Int(count)
    }

    /// An event of the last wait; `index` is below the count that it returned.
    func event(_ index: Int) -> (token: UInt64, readiness: Readiness) {
        precondition((0..<capacity).contains(index))
        let event = unsafe events[index]
        return unsafe (event.data.u64, Readiness(events: event.events))
    }

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
