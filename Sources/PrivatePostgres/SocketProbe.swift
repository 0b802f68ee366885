internal import Glibc

/// Finds the process that listens on a Unix socket.
enum SocketProbe {
    /// The process that listens (SO_PEERCRED, unix(7)); nil when no process accepts the connection.
    static func listener(at path: String) -> pid_t? {
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let number = socket(AF_UNIX, type, 0)
        guard number >= 0 else { return nil }
        defer { close(number) }
        guard connect(number, to: path) else { return nil }
        // struct ucred: process, user, group, four bytes each; the kernel writes into the array.
        var credentials: [Int32] = [0, 0, 0]
        var size = socklen_t(MemoryLayout<Int32>.size * credentials.count)
        guard unsafe getsockopt(number, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else { return nil }
        return credentials[0]
    }

    private static func connect(_ number: CInt, to path: String) -> Bool {
        var address = sockaddr_un()
        let bytes = Array(path.utf8)
        guard bytes.count <= ClusterLayout.longestSocketPath else { return false }
        address.sun_family = sa_family_t(AF_UNIX)
        // The path and its terminating zero fit: sun_path has 108 bytes and was all zero.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe Glibc.connect(number, generic, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
