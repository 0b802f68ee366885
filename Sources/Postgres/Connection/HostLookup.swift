internal import Glibc

/// Resolves a host name to numeric addresses, the preferred one first. Blocks as long as the resolver needs.
package struct HostLookup: Sendable {
    /// Why a name has no address.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Called on a thread that may block, once for each attempt to connect.
    let addresses: @Sendable (String) throws(Failure) -> [String]

    /// getaddrinfo(3), called as libpq calls it. For a numeric address it returns that address without a look-up.
    package static let system = HostLookup { name throws(Failure) in
        // The pointers in `hints` stay nil.
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        // The list is owned here and freed once, below. The name outlives the call.
        let status = unsafe getaddrinfo(name, nil, &hints, &list)
        defer { unsafe freeaddrinfo(list) }
        guard status == 0 else {
            // gai_strerror returns a constant text.
            throw Failure(description: unsafe String(cString: gai_strerror(status)))
        }
        var addresses: [String] = []
        var entry = unsafe list
        while let current = unsafe entry {
            if let text = unsafe numericText(of: current.pointee) { addresses.append(text) }
            unsafe entry = unsafe current.pointee.ai_next
        }
        return addresses
    }

    /// Keeps the scope of a link-local address, which libpq accepts too.
    private static func numericText(of information: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: 256)
        // ai_addr points to ai_addrlen bytes that the list owns; getnameinfo fills `text` within its bounds.
        let status = unsafe getnameinfo(
            information.ai_addr, information.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard status == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
