internal import CLinux
internal import FleetSimulator
internal import Glibc

/// The sockets of a `FaultProxy`. None of them blocks, and children do not inherit them.
enum ProxySockets {
    /// - Returns: nil when no client waits.
    static func accepted(_ listener: CInt) -> CInt? {
        let flags = CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = accept4(listener, nil, nil, flags)
        guard descriptor >= 0 else { return nil }
        sendAtOnce(descriptor)
        return descriptor
    }

    /// - Returns: nil when the target refuses, or its queue is full.
    static func connected(to target: ResolvedAddress) -> (descriptor: CInt, isConnecting: Bool)? {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(target.family, type, 0)
        sendAtOnce(descriptor)
        if unsafe target.withSockaddr({ unsafe connect(descriptor, $0, $1) }) == 0 {
            return (descriptor, false)
        }
        if errno == EINPROGRESS { return (descriptor, true) }
        close(descriptor)
        return nil
    }

    /// A Unix socket does not have this option, and needs none.
    private static func sendAtOnce(_ descriptor: CInt) {
        var one: CInt = 1
        unsafe _ = setsockopt(
            descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
    }
}

extension FaultProxy.Target {
    var address: ResolvedAddress {
        get throws {
            switch self {
            case .tcp(let port): try ResolvedAddress.lookUp("127.0.0.1", port: port)[0]
            // `sockaddr_un`: the family in two bytes, then the path up to a zero (unix(7)).
            case .unixSocket(let path):
                ResolvedAddress(family: AF_UNIX, bytes: [UInt8(AF_UNIX), 0] + path.utf8 + [0])
            }
        }
    }
}
