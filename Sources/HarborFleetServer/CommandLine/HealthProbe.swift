internal import Glibc

/// One `GET /health` over a plain blocking socket.
enum HealthProbe {
    /// For connecting, sending and each read (SO_SNDTIMEO also bounds connect, socket(7)).
    private static let timeoutSeconds = 2

    /// What came back.
    struct Answer: Equatable {
        /// Nil when it was no HTTP.
        let status: Int?

        /// From `HTTP/1.1 200 OK`.
        init(head: String) {
            let words = head.split(separator: " ", maxSplits: 2)
            status = words.count > 1 && words[0].hasPrefix("HTTP/1.") ? Int(words[1]) : nil
        }
    }

    /// Asks, and blocks for some seconds at most.
    static func ask(host: String, port: UInt16) throws(CommandFailure) -> Answer {
        let isIPv6 = host.contains(":")
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let number = socket(isIPv6 ? AF_INET6 : AF_INET, type, 0)
        guard number >= 0 else { throw CommandFailure("no socket: \(SystemError.text(errno))") }
        defer { close(number) }
        setTimeouts(number)
        guard isIPv6 ? connect6(number, host, port) : connect4(number, host, port) else {
            throw CommandFailure("\(host):\(port) cannot be reached: \(SystemError.text(errno))")
        }
        let name = isIPv6 ? "[\(host)]" : host
        let request = Array("GET /health HTTP/1.1\r\nHost: \(name):\(port)\r\nConnection: close\r\n\r\n".utf8)
        // The arrays below lend their bytes for the calls.
        let sent = unsafe request.withUnsafeBytes {
            unsafe send(number, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
        }
        guard sent == request.count else { throw CommandFailure("\(host):\(port) took no request") }
        return try readHead(number)
    }

    private static func readHead(_ number: CInt) throws(CommandFailure) -> Answer {
        var head: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while !head.contains(0x0A), head.count < 4_096 {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(number, $0.baseAddress, $0.count, 0)
            }
            guard count > 0 else { throw CommandFailure("no answer within \(timeoutSeconds) s") }
            head.append(contentsOf: buffer.prefix(count))
        }
        return Answer(head: String(decoding: head.prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self))
    }

    private static func setTimeouts(_ number: CInt) {
        var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        unsafe setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    }

    private static func connect4(_ number: CInt, _ host: String, _ port: UInt16) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard unsafe inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return false }
        return unsafe connect(number, &address)
    }

    private static func connect6(_ number: CInt, _ host: String, _ port: UInt16) -> Bool {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        guard unsafe inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else { return false }
        return unsafe connect(number, &address)
    }

    /// The address lives in the caller for the call; its size is that of its type.
    private static func connect<Address>(_ number: CInt, _ address: UnsafePointer<Address>) -> Bool {
        let size = socklen_t(MemoryLayout<Address>.size)
        return unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe Glibc.connect(number, $0, size) == 0
        }
    }
}
