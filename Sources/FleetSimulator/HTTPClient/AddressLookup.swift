#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// The addresses of a host, as `getaddrinfo` finds them (RFC 3493, section 6.1).
struct AddressLookup {
    /// Socket addresses as bytes, the preferred one first.
    let addresses: [(family: CInt, bytes: [UInt8])]

    /// Blocks for as long as the resolver needs.
    init(host: String, port: UInt16) throws(TransportError) {
        // Its pointers stay nil.
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        unsafe hints.ai_protocol = CInt(IPPROTO_TCP)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        // The list belongs to us from here on and is freed once, below; the strings live for the call.
        let status = unsafe getaddrinfo(host, String(port), &hints, &list)
        defer { unsafe freeaddrinfo(list) }
        guard status == 0, let first = unsafe list else {
            // gai_strerror gives a constant text.
            throw TransportError("the host was not found: \(unsafe String(cString: gai_strerror(status)))")
        }
        addresses = unsafe Self.copy(first)
    }

    private static func copy(_ first: UnsafeMutablePointer<addrinfo>) -> [(family: CInt, bytes: [UInt8])] {
        var addresses: [(CInt, [UInt8])] = []
        var entry: UnsafeMutablePointer<addrinfo>? = unsafe first
        while let current = unsafe entry {
            if let address = unsafe current.pointee.ai_addr {
                // ai_addr points to ai_addrlen bytes that the list owns; they are copied at once.
                let raw = unsafe UnsafeRawBufferPointer(
                    start: address, count: Int(current.pointee.ai_addrlen))
                addresses.append((unsafe current.pointee.ai_family, unsafe Array(raw)))
            }
            unsafe entry = unsafe current.pointee.ai_next
        }
        return addresses
    }
}
