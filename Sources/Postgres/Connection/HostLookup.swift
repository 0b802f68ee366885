internal import Glibc

/// Finds the numeric addresses of a host's name, the preferred one first. Blocks for as long as the resolver needs.
package struct HostLookup: Sendable {
    /// Why a name has no address.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Called on a thread that may block, once for each try to connect.
    let addresses: @Sendable (String) throws(Failure) -> [String]

    /// getaddrinfo(3), as libpq asks it. A numeric address is its own answer, and costs no look-up.
    package static let system = HostLookup { name throws(Failure) in
        // Its pointers stay nil.
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        // The list is ours from here on and freed once, below; the name lives for the call.
        let status = unsafe getaddrinfo(name, nil, &hints, &list)
        defer { unsafe freeaddrinfo(list) }
        guard status == 0 else {
            // gai_strerror gives a constant text.
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

    /// With the scope of a link-local address, which libpq takes too.
    private static func numericText(of information: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: 256)
        // ai_addr points to ai_addrlen bytes that the list owns; getnameinfo fills `text` within its bounds.
        let status = unsafe getnameinfo(
            information.ai_addr, information.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard status == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
