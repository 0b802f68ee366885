package import Sockets

/// A range of addresses: `10.0.0.0/8`, `fd00::/8`, or one address, `127.0.0.1`.
package struct NetworkPrefix: Sendable, Hashable {
    private let bytes: [UInt8]
    private let length: Int

    /// Parses an address, optionally with a slash and the number of leading bits that must match; nil if
    /// it is malformed.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let host = parts.first, parts.count <= 2,
            let address = try? SocketAddress(host: String(host), port: 0)
        else { return nil }
        bytes = address.bytes
        guard parts.count == 2 else {
            length = bytes.count * 8
            return
        }
        guard parts[1].utf8.first != UInt8(ascii: "+"), let length = Int(parts[1]),
            (0...(bytes.count * 8)).contains(length)
        else { return nil }
        self.length = length
    }

    /// Whether the address lies in the range.
    package func contains(_ address: SocketAddress) -> Bool {
        guard address.bytes.count == bytes.count else { return false }
        let whole = length / 8
        guard bytes.prefix(whole) == address.bytes.prefix(whole) else { return false }
        let bits = length % 8
        guard bits > 0 else { return true }
        return (bytes[whole] ^ address.bytes[whole]) >> UInt8(8 - bits) == 0
    }
}

/// Finds the address of the client behind trusted proxies.
enum ForwardedAddress {
    /// Reads `X-Forwarded-For` from its end, where the nearest proxy wrote, and stops at the first address that is
    /// not a trusted proxy. The client may have forged all entries before that one.
    static func client(peer: SocketAddress, forwarded: String?, trusted: [NetworkPrefix]) -> SocketAddress {
        var client = peer
        for entry in (forwarded ?? "").split(separator: ",").reversed() {
            guard trusted.contains(where: { $0.contains(client) }), let next = address(entry) else { break }
            client = next
        }
        return client
    }

    /// Parses `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` and `[2001:db8::1]:4711`.
    private static func address(_ entry: Substring) -> SocketAddress? {
        let text = entry.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
        if let plain = try? SocketAddress(host: String(text), port: 0) { return plain }
        let host = text.first == "[" ? text.dropFirst().prefix { $0 != "]" } : text.prefix { $0 != ":" }
        return try? SocketAddress(host: String(host), port: 0)
    }
}
