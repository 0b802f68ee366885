internal import Dispatch
internal import Glibc

/// A TCP client for tests that sends exactly the bytes it is given.
///
/// Its blocking calls run on a queue of its own, so that a test's task never holds up a thread that Swift's tasks
/// need. A call that gets no answer for `timeoutSeconds` throws instead of hanging the tests.
///
/// `@unchecked Sendable`: `received` is touched on `queue` only.
package final class RawClient: @unchecked Sendable {
    /// Why a call failed.
    package enum Failure: Error, Equatable {
        case connect(errno: CInt)
        case send(errno: CInt)
        /// Nothing came for too long, or the connection was reset.
        case receive(errno: CInt)
        /// The connection ended before the answer was whole; what had come.
        case ended([UInt8])
    }

    private let queue = DispatchQueue(label: "test.raw-client")
    private let descriptor: CInt
    private var received: [UInt8] = []

    /// Connects.
    /// - Parameters:
    ///   - host: a numeric IPv4 address.
    ///   - source: the numeric IPv4 address to come from, one of 127.0.0.0/8; the kernel's choice when nil.
    ///   - receiveBuffer: the kernel's receive buffer in bytes, for tests of readers that are slow.
    package init(
        host: String = "127.0.0.1", port: UInt16, from source: String? = nil, receiveBuffer: CInt? = nil,
        timeoutSeconds: Int = 10
    ) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        unsafe _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
        var one: CInt = 1
        let intSize = socklen_t(MemoryLayout<CInt>.size)
        unsafe _ = setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, intSize)
        if var receiveBuffer {
            unsafe _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, intSize)
        }
        if let source {
            guard unsafe Self.call(bind, descriptor, source, 0) == 0 else {
                throw Failure.connect(errno: errno)
            }
        }
        guard unsafe Self.call(Glibc.connect, descriptor, host, port) == 0 else {
            throw Failure.connect(errno: errno)
        }
    }

    deinit { Glibc.close(descriptor) }

    /// Calls bind(2) or connect(2) with an address.
    private static func call(
        _ function: (CInt, UnsafePointer<sockaddr>, socklen_t) -> CInt, _ descriptor: CInt, _ host: String,
        _ port: UInt16
    ) -> CInt {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard unsafe inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            errno = EINVAL
            return -1
        }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Sends text as it is.
    package func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    /// Sends all bytes.
    package func send(_ bytes: [UInt8]) async throws {
        try await onQueue { client in
            var sent = 0
            while sent < bytes.count {
                let count = unsafe bytes.withUnsafeBytes {
                    unsafe Glibc.send(
                        client.descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
                        CInt(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw Failure.send(errno: errno) }
                sent += count
            }
        }
    }

    /// Sends one byte of urgent data (tcp(7)), which is no part of the stream.
    package func sendUrgent(_ byte: UInt8) async throws {
        try await onQueue { client in
            var byte = byte
            guard unsafe Glibc.send(client.descriptor, &byte, 1, CInt(MSG_OOB) | CInt(MSG_NOSIGNAL)) == 1
            else { throw Failure.send(errno: errno) }
        }
    }

    /// Ends our direction; answers still come.
    package func endSending() async throws {
        try await onQueue { client in _ = shutdown(client.descriptor, CInt(SHUT_WR)) }
    }

    /// Receives until one response is whole.
    /// - Parameter hasBody: false after HEAD, whose answer tells a length and has no body.
    package func response(hasBody: Bool = true) async throws -> RawResponse {
        try await onQueue { client in
            while true {
                if let (response, length) = RawResponse.parse(client.received, hasBody: hasBody) {
                    client.received.removeFirst(length)
                    return response
                }
                guard try client.receiveMore() else { throw Failure.ended(client.received) }
            }
        }
    }

    /// Receives exactly `count` bytes.
    package func bytes(_ count: Int) async throws -> [UInt8] {
        try await onQueue { client in
            while client.received.count < count {
                guard try client.receiveMore() else { throw Failure.ended(client.received) }
            }
            defer { client.received.removeFirst(count) }
            return Array(client.received.prefix(count))
        }
    }

    /// Receives whatever comes next, at least one byte; nil at the end of the connection.
    package func someBytes() async throws -> [UInt8]? {
        try await onQueue { client in
            if client.received.isEmpty, try !client.receiveMore() { return nil }
            defer { client.received = [] }
            return client.received
        }
    }

    /// Receives until the peer ends the connection and returns all that came.
    package func untilEnd() async throws -> [UInt8] {
        try await onQueue { client in
            while try client.receiveMore() {}
            defer { client.received = [] }
            return client.received
        }
    }

    private func receiveMore() throws -> Bool {
        var room = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe room.withUnsafeMutableBytes {
            unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
        }
        guard count >= 0 else { throw Failure.receive(errno: errno) }
        received.append(contentsOf: room.prefix(count))
        return count > 0
    }

    private func onQueue<Result: Sendable>(
        _ body: @escaping @Sendable (RawClient) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try body(self) }) }
        }
    }
}

/// A response as it came.
package struct RawResponse: Sendable, Equatable {
    package let status: Int
    /// The lines of the head after the first, names in lower case.
    package let fields: [String]
    package let body: [UInt8]

    /// The value of the first field with this name.
    package subscript(name: String) -> String? {
        let start = name.lowercased() + ": "
        return fields.first { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
    }

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The first response in `bytes` and its length; nil while it is not whole.
    static func parse(_ bytes: [UInt8], hasBody: Bool) -> (RawResponse, Int)? {
        let end = Array("\r\n\r\n".utf8)
        guard let headEnd = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) else { return nil }
        let lines = String(decoding: bytes[..<headEnd], as: UTF8.self).split(separator: "\r\n").map(
            String.init)
        let status = lines.first.flatMap { Int($0.dropFirst(9).prefix(3)) } ?? 0
        let fields = lines.dropFirst().map { line in
            let name = line.prefix { $0 != ":" }
            return name.lowercased() + line.dropFirst(name.count)
        }
        let head = RawResponse(status: status, fields: fields, body: [])
        let length = hasBody ? head["content-length"].flatMap { Int($0) } ?? 0 : 0
        let bodyStart = headEnd + 4
        guard bytes.count >= bodyStart + length else { return nil }
        let body = Array(bytes[bodyStart..<(bodyStart + length)])
        return (RawResponse(status: status, fields: fields, body: body), bodyStart + length)
    }
}
