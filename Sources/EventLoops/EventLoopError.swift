/// The errors of an event loop's system calls.
package enum EventLoopError: Error, Equatable, CustomStringConvertible {
    /// The kernel refused `call` with `errno`; the loop itself still works.
    case system(call: String, errno: CInt)

    package var description: String {
        switch self {
        case .system(let call, let errno): "\(call) failed (errno \(errno))"
        }
    }
}
