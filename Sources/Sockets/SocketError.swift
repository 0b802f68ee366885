internal import Glibc

/// The errors of socket calls, classified by what the caller must do.
package enum SocketError: Error, Equatable, CustomStringConvertible {
    /// The connection is gone (reset, broken pipe, timed out): drop it.
    case connectionLost(call: String, errno: CInt)
    /// The process or the machine has run out of descriptors or memory: wait, then try again.
    case exhausted(call: String, errno: CInt)
    /// It is not possible to listen on the address; `errno` says why.
    case address(call: String, address: String, errno: CInt)
    /// The text is not a numeric IPv4 or IPv6 address.
    case notNumeric(String)
    /// Any other error: a bug of ours, or a refusal of the kernel; `errno` says which.
    case system(call: String, errno: CInt)

    package var description: String {
        switch self {
        case .connectionLost(let call, let errno): "\(call): the connection is lost (\(Self.text(errno)))"
        case .exhausted(let call, let errno): "\(call): no descriptors or memory left (\(Self.text(errno)))"
        case .address(_, let address, let errno): "cannot listen on \(address): \(Self.text(errno))"
        case .notNumeric(let text): "'\(text)' is not a numeric IPv4 or IPv6 address"
        case .system(let call, let errno): "\(call): \(Self.text(errno))"
        }
    }

    /// Classifies the errno of a failed call.
    static func classify(_ call: String, _ errno: CInt) -> SocketError {
        switch errno {
        case ECONNRESET, EPIPE, ETIMEDOUT, ENOTCONN, ECONNABORTED, EHOSTUNREACH, ENETUNREACH, ENETDOWN,
            EHOSTDOWN, EPROTO, ENOPROTOOPT, ESHUTDOWN:
            .connectionLost(call: call, errno: errno)
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            .exhausted(call: call, errno: errno)
        default:
            .system(call: call, errno: errno)
        }
    }

    private static func text(_ errno: CInt) -> String {
        // strerror's text is a static string for every errno the kernel has.
        unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "errno \(errno)"
    }
}
