package import Glibc

/// A socket's address in the kernel's form.
package struct ResolvedAddress: Sendable {
    package let family: CInt
    /// A complete `sockaddr` of its family.
    private let bytes: [UInt8]

    package init(family: CInt, bytes: [UInt8]) {
        self.family = family
        self.bytes = bytes
    }

    /// The addresses of a host from `getaddrinfo` (RFC 3493, section 6.1), the preferred one first. Blocks until
    /// the resolver responds.
    package static func lookUp(_ host: String, port: UInt16) throws(TransportError) -> [ResolvedAddress] {
        // The pointers of `hints` stay nil.
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        unsafe hints.ai_protocol = CInt(IPPROTO_TCP)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        // From here on we own the list and free it once, below; the strings live for the call.
        let status = unsafe getaddrinfo(host, String(port), &hints, &list)
        defer { unsafe freeaddrinfo(list) }
        guard status == 0 else {
            // gai_strerror returns a constant text.
            throw .hostNotFound(unsafe String(cString: gai_strerror(status)))
        }
        var addresses: [ResolvedAddress] = []
        var entry = unsafe list
        while let current = unsafe entry {
            // ai_addr points to ai_addrlen bytes that the list owns; they are copied at once.
            let raw = unsafe UnsafeRawBufferPointer(
                start: current.pointee.ai_addr, count: Int(current.pointee.ai_addrlen))
            unsafe addresses.append(ResolvedAddress(family: current.pointee.ai_family, bytes: Array(raw)))
            unsafe entry = unsafe current.pointee.ai_next
        }
        return addresses
    }

    /// Passes the address to `body`; the pointer is valid only inside it.
    package func withSockaddr(_ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        // The array lends its bytes for the call.
        unsafe bytes.withUnsafeBytes { raw in
            guard let address = unsafe raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else {
                return -1
            }
            return unsafe body(address, socklen_t(raw.count))
        }
    }
}
