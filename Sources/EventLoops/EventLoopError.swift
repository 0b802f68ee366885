/// What can go wrong between an event loop and the kernel.
package enum EventLoopError: Error, Equatable, CustomStringConvertible {
    /// The kernel refused `call` with `errno`; the loop itself still works.
    case system(call: String, errno: CInt)
    /// The loop has been stopped and takes no more descriptors.
    case stopped

    package var description: String {
        switch self {
        case .system(let call, let errno): "\(call) failed (errno \(errno))"
        case .stopped: "the event loop has stopped"
        }
    }
}
