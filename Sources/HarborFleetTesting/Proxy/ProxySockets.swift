internal import CLinux
internal import Glibc

/// The sockets of a `FaultProxy`. All do not block and are closed in children.
enum ProxySockets {
    private static let type =
        CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)

    /// Listens on 127.0.0.1.
    static func listener(port: UInt16) throws -> CInt {
        let descriptor = socket(AF_INET, type, 0)
        var one: CInt = 1
        unsafe _ = setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
        let result = unsafe withAddress(port: port) { unsafe bind(descriptor, $0, $1) }
        guard result == 0, listen(descriptor, 256) == 0 else {
            let reason = errno
            close(descriptor)
            throw SpawnedProcess.Failure(description: "no listener on port \(port): errno \(reason)")
        }
        return descriptor
    }

    /// - Returns: nil when nobody waits.
    static func accepted(_ listener: CInt) -> CInt? {
        let flags = CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = accept4(listener, nil, nil, flags)
        guard descriptor >= 0 else { return nil }
        sendAtOnce(descriptor)
        return descriptor
    }

    /// - Returns: nil when the target refuses, or its queue is full.
    static func connected(to target: FaultProxy.Target) -> (descriptor: CInt, isConnecting: Bool)? {
        let descriptor: CInt
        let result: CInt
        switch target {
        case .tcp(let port):
            descriptor = socket(AF_INET, type, 0)
            sendAtOnce(descriptor)
            result = unsafe withAddress(port: port) { unsafe connect(descriptor, $0, $1) }
        case .unixSocket(let path):
            descriptor = socket(AF_UNIX, type, 0)
            result = unsafe withAddress(path: path) { unsafe connect(descriptor, $0, $1) }
        }
        if result == 0 { return (descriptor, false) }
        if errno == EINPROGRESS { return (descriptor, true) }
        close(descriptor)
        return nil
    }

    private static func sendAtOnce(_ descriptor: CInt) {
        var one: CInt = 1
        unsafe _ = setsockopt(
            descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
    }

    // The pointers live as long as the calls that they are lent to.
    private static func withAddress(
        port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func withAddress(
        path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
            // The last byte stays 0.
            for (index, byte) in path.utf8.prefix(room.count - 1).enumerated() { unsafe room[index] = byte }
        }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
