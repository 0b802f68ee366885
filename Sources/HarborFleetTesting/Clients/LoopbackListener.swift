internal import CLinux
internal import FleetSimulator
internal import Glibc
internal import Processes

/// A listening socket on 127.0.0.1 whose connections the test itself serves.
package final class LoopbackListener: Sendable {
    package let port: UInt16
    private let socket: FileDescriptor
    private let queue = BlockingQueue(label: "test.listener")

    /// Listens on a free port.
    package init() throws {
        port = try FreePort.find()
        socket = try Self.listen(on: port)
    }

    /// - Parameter blocks: whether accept(2) waits for a client.
    static func listen(on port: UInt16, blocks: Bool = true) throws -> FileDescriptor {
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | (blocks ? 0 : SOCK_NONBLOCK.rawValue)
        let listener = FileDescriptor(owning: Glibc.socket(AF_INET, CInt(type), 0))
        var one: CInt = 1
        unsafe _ = setsockopt(
            listener.rawValue, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
        let address = try ResolvedAddress.lookUp("127.0.0.1", port: port)[0]
        guard unsafe address.withSockaddr({ unsafe bind(listener.rawValue, $0, $1) }) == 0,
            Glibc.listen(listener.rawValue, 256) == 0
        else { throw TestFailure("no listener on port \(port): \(SystemError(errno))") }
        return listener
    }

    /// Blocks until a client connects; nil when `stop` was called.
    func accept() -> FileDescriptor? {
        let flags = CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let number = accept4(socket.rawValue, nil, nil, flags)
        return number >= 0 ? FileDescriptor(owning: number) : nil
    }

    /// Waits for the next connection and returns the server's side of it.
    package func accepted() async throws -> RawClient {
        try await queue.runThrowing {
            guard let connection = self.accept() else { throw TestFailure("the listener was stopped") }
            return RawClient(connection)
        }
    }

    /// Makes a waiting `accept` return nil.
    package func stop() { shutdown(socket.rawValue, CInt(SHUT_RDWR)) }
}
