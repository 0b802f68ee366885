internal import CLinux
internal import Glibc

/// Owner of an eventfd (eventfd(2)) that ends a loop's wait from another thread.
struct WakeUp: ~Copyable {
    let fileDescriptor: CInt

    init() throws(EventLoopError) {
        fileDescriptor = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard fileDescriptor >= 0 else { throw .system(call: "eventfd", errno: errno) }
    }

    deinit { close(fileDescriptor) }

    /// EAGAIN means that the counter is full, so the loop is awake anyway.
    func signal() {
        _ = eventfd_write(fileDescriptor, 1)
    }

    func clear() {
        var count: eventfd_t = 0
        unsafe _ = eventfd_read(fileDescriptor, &count)
    }
}
