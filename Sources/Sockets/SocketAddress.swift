internal import Glibc

/// A numeric IPv4 or IPv6 address with a port.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address as a number. IPv4 has its 32 bits in `low`. It is not an array, because every connection and every
    /// request stores an address, and an array would allocate.
    private let high: UInt64
    private let low: UInt64
    package let port: UInt16
    package let isIPv6: Bool

    /// Parses a numeric address, such as `127.0.0.1` or `::1`. IPv4 mapped into IPv6 becomes IPv4.
    /// - Throws: `SocketError.notNumeric`.
    package init(host: String, port: UInt16) throws(SocketError) {
        var four = in_addr()
        var six = in6_addr()
        if unsafe inet_pton(AF_INET, host, &four) == 1 {
            let bytes = unsafe withUnsafeBytes(of: &four) { unsafe Array($0) }
            self.init(bytes: bytes, port: port)
        } else if unsafe inet_pton(AF_INET6, host, &six) == 1 {
            let bytes = unsafe withUnsafeBytes(of: &six) { unsafe Array($0) }
            self.init(bytes: bytes, port: port)
        } else {
            throw .notNumeric(host)
        }
    }

    init(bytes: [UInt8], port: UInt16) {
        let isMapped =
            bytes.count == 16 && bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10..<12] == [255, 255]
        isIPv6 = bytes.count == 16 && !isMapped
        high = isIPv6 ? Self.number(bytes.prefix(8)) : 0
        low = Self.number(bytes.suffix(isIPv6 ? 8 : 4))
        self.port = port
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The address's bytes in network order: 4 for IPv4, 16 for IPv6. Each access allocates them.
    package var bytes: [UInt8] {
        let sixteen = [high, low].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
        return isIPv6 ? sixteen : Array(sixteen.suffix(4))
    }

    /// The client that the address belongs to, for all limits per client address.
    package var client: ClientAddress { ClientAddress(bits: isIPv6 ? high : low, isIPv6: isIPv6) }

    /// Whether it is an address of this host alone: 127.0.0.0/8 or ::1.
    package var isLoopback: Bool { isIPv6 ? high == 0 && low == 1 : low >> 24 == 127 }

    /// Reads an address that accept(2), getsockname(2) or getpeername(2) has filled in; nil for another family.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        switch CInt(storage.ss_family) {
        case AF_INET:
            self = unsafe withUnsafeBytes(of: &storage) { bytes in
                let address = unsafe bytes.loadUnaligned(as: sockaddr_in.self)
                let octets = unsafe withUnsafeBytes(of: address.sin_addr) { unsafe Array($0) }
                return SocketAddress(bytes: octets, port: UInt16(bigEndian: address.sin_port))
            }
        case AF_INET6:
            self = unsafe withUnsafeBytes(of: &storage) { bytes in
                let address = unsafe bytes.loadUnaligned(as: sockaddr_in6.self)
                let octets = unsafe withUnsafeBytes(of: address.sin6_addr) { unsafe Array($0) }
                return SocketAddress(bytes: octets, port: UInt16(bigEndian: address.sin6_port))
            }
        default: return nil
        }
    }

    /// The address without the port, in its usual text form.
    package var host: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        unsafe bytes.withUnsafeBytes { address in
            unsafe _ = inet_ntop(
                isIPv6 ? AF_INET6 : AF_INET, address.baseAddress, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package var description: String {
        isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Calls `body` with the address in the kernel's form. The pointer is valid inside `body` only.
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let length = unsafe withUnsafeMutableBytes(of: &storage) { unsafe fill($0) }
        return unsafe withUnsafePointer(to: &storage) { pointer in
            // sockaddr_storage is laid out to be read as any sockaddr (socket(7)).
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(length))
            }
        }
    }

    private func fill(_ room: UnsafeMutableRawBufferPointer) -> Int {
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { unsafe $0.copyBytes(from: bytes) }
            unsafe room.storeBytes(of: address, as: sockaddr_in6.self)
            return MemoryLayout<sockaddr_in6>.size
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &address.sin_addr) { unsafe $0.copyBytes(from: bytes) }
        unsafe room.storeBytes(of: address, as: sockaddr_in.self)
        return MemoryLayout<sockaddr_in>.size
    }
}

/// Identifies a client for limits: an IPv4 address, or an IPv6 network of 64 bits, because one client usually has all
/// addresses of such a network (RFC 4291 section 2.5.4).
package struct ClientAddress: Hashable, Sendable {
    package let bits: UInt64
    package let isIPv6: Bool
}
