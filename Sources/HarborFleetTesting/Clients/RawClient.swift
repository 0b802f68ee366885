internal import CLinux
package import FleetSimulator
internal import Glibc
internal import Processes

/// A TCP client for tests that sends exactly the bytes it is given, on the simulator's socket.
///
/// Its blocking calls run on a queue of its own, so that a test's task never blocks a thread that Swift's tasks
/// need. A call that receives nothing for `timeoutSeconds` throws, so that it does not hang the tests.
///
/// `@unchecked Sendable`: `received` is used on `queue` only.
package final class RawClient: @unchecked Sendable {
    package typealias Failure = TransportError

    private let queue = BlockingQueue(label: "test.raw-client")
    private let socket: ClientSocket
    /// The socket's descriptor, for what only a single test does with it.
    private let number: CInt
    private let timeout: Duration
    private var received: [UInt8] = []

    /// Connects.
    /// - Parameters:
    ///   - host: a numeric address.
    ///   - source: the numeric IPv4 address of the client, one of 127.0.0.0/8; nil lets the kernel choose.
    ///   - receiveBuffer: the kernel's receive buffer in bytes, for tests of slow readers.
    package convenience init(
        host: String = "127.0.0.1", port: UInt16, from source: String? = nil, receiveBuffer: CInt? = nil,
        timeoutSeconds: Int = 10
    ) throws {
        let address = try ResolvedAddress.lookUp(host, port: port)[0]
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        self.init(
            FileDescriptor(owning: Glibc.socket(address.family, type, 0)), timeout: .seconds(timeoutSeconds))
        if var receiveBuffer {
            let size = socklen_t(MemoryLayout<CInt>.size)
            unsafe _ = setsockopt(number, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, size)
        }
        if let source {
            let own = try ResolvedAddress.lookUp(source, port: 0)[0]
            guard unsafe own.withSockaddr({ unsafe bind(number, $0, $1) }) == 0 else {
                throw Failure.failed(.connecting, SystemError(errno))
            }
        }
        try socket.connect(to: address, deadline: .now + timeout)
    }

    /// Takes ownership of a socket that does not block.
    init(_ descriptor: consuming FileDescriptor, timeout: Duration = .seconds(10)) {
        number = descriptor.rawValue
        socket = ClientSocket(descriptor)
        self.timeout = timeout
    }

    /// Sends text unchanged.
    package func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    /// Sends all bytes.
    package func send(_ bytes: [UInt8]) async throws {
        try await queue.runThrowing { try self.socket.sendAll(bytes, deadline: .now + self.timeout) }
    }

    /// Sends one byte of urgent data (tcp(7)), which is no part of the stream.
    package func sendUrgent(_ byte: UInt8) async throws {
        try await queue.runThrowing {
            var byte = byte
            guard unsafe Glibc.send(self.number, &byte, 1, CInt(MSG_OOB) | CInt(MSG_NOSIGNAL)) == 1 else {
                throw Failure.failed(.sending, SystemError(errno))
            }
        }
    }

    /// Ends the client's direction; responses can still arrive.
    package func endSending() async throws {
        try await queue.runThrowing { _ = shutdown(self.number, CInt(SHUT_WR)) }
    }

    /// Receives until one response is complete.
    /// - Parameter hasBody: false after HEAD, whose response names a length and has no body.
    package func response(hasBody: Bool = true) async throws -> RawResponse {
        try await queue.runThrowing {
            while true {
                if let response = RawMessage.take(from: &self.received, hasBody: hasBody) { return response }
                guard try self.receiveMore() else { throw Failure.truncated }
            }
        }
    }

    /// Receives exactly `count` bytes.
    package func bytes(_ count: Int) async throws -> [UInt8] {
        try await queue.runThrowing {
            while self.received.count < count {
                guard try self.receiveMore() else { throw Failure.truncated }
            }
            defer { self.received.removeFirst(count) }
            return Array(self.received.prefix(count))
        }
    }

    /// Receives the next bytes, at least one; nil at the end of the connection.
    package func someBytes() async throws -> [UInt8]? {
        try await queue.runThrowing {
            if self.received.isEmpty, try !self.receiveMore() { return nil }
            defer { self.received = [] }
            return self.received
        }
    }

    /// Receives until the peer ends the connection, and returns everything that arrived.
    package func untilEnd() async throws -> [UInt8] {
        try await queue.runThrowing {
            while try self.receiveMore() {}
            defer { self.received = [] }
            return self.received
        }
    }

    private func receiveMore() throws -> Bool {
        let bytes = try socket.receive(limit: 65_536, deadline: .now + timeout)
        received += bytes
        return !bytes.isEmpty
    }
}

extension TransportError {
    /// No socket listens there.
    package static let refused = Self.failed(.connecting, SystemError(ECONNREFUSED))
    /// The peer has reset the connection.
    package static let reset = Self.failed(.receiving, SystemError(ECONNRESET))
}
