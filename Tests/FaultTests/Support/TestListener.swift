import CLinux
import Dispatch
import Glibc

/// A listener on 127.0.0.1 whose connections a test reads and writes itself: what stands behind a proxy.
final class TestListener: Sendable {
    let port: UInt16
    private let descriptor: CInt
    private let queue = DispatchQueue(label: "test.listener")

    init() throws {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) | listen(descriptor, 16) | getsockname(descriptor, $0, &size)
            }
        }
        guard result == 0 else { throw TestPeer.Failure.socket(errno) }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// The next connection.
    func accepted() async throws -> TestPeer {
        let descriptor = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(
                    returning: accept4(self.descriptor, nil, nil, CInt(SOCK_CLOEXEC.rawValue)))
            }
        }
        guard descriptor >= 0 else { throw TestPeer.Failure.socket(errno) }
        return TestPeer(descriptor)
    }
}

/// The server's side of one connection.
final class TestPeer: Sendable {
    enum Failure: Error, Equatable {
        case socket(CInt)
    }

    private let descriptor: CInt
    private let queue = DispatchQueue(label: "test.peer")

    fileprivate init(_ descriptor: CInt) {
        self.descriptor = descriptor
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    }

    func endSending() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// What comes until so many bytes are there or the connection ends.
    func text(_ count: Int) async throws -> String {
        try await onQueue { peer in
            var received: [UInt8] = []
            while received.count < count {
                var room = [UInt8](repeating: 0, count: count - received.count)
                let length = recv(peer.descriptor, &room, room.count, 0)
                guard length >= 0 else { throw Failure.socket(errno) }
                guard length > 0 else { break }
                received += room.prefix(length)
            }
            return String(decoding: received, as: UTF8.self)
        }
    }

    private func onQueue<Result: Sendable>(
        _ body: @escaping @Sendable (TestPeer) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try body(self) }) }
        }
    }
}
