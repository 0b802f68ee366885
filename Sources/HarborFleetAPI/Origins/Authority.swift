internal import Sockets
internal import TextFormats

/// A host and an optional port, as in `Host` and in an origin (RFC 3986 section 3.2). Each host has exactly one
/// form.
struct Authority: Hashable, Sendable, CustomStringConvertible {
    /// In lower case; an address in the form of inet_ntop(3), without brackets.
    let host: String
    let port: UInt16?
    /// Whether the host is an IPv4 or IPv6 address, which needs no name service.
    let isAddress: Bool

    private init(host: String, port: UInt16?, isAddress: Bool) {
        self.host = host
        self.port = port
        self.isAddress = isAddress
    }

    /// `host` or `host:port`, as `Host` writes it.
    var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(name):\($0)" } ?? name
    }

    /// The same host at a port.
    func with(port: UInt16) -> Self { Self(host: host, port: port, isAddress: isAddress) }

    /// Reads `host`, `host:` or `host:port`; an IPv6 address must be in brackets. nil for anything else,
    /// including user information.
    init?(_ text: some StringProtocol) {
        guard let (host, port) = Self.parts(of: text), let number = Self.number(port) else { return nil }
        self.port = number
        if host.hasPrefix("[") {
            guard let address = try? SocketAddress(host: String(host.dropFirst().dropLast()), port: 0),
                host.contains(":")
            else { return nil }
            self.host = address.host
            isAddress = true
        } else {
            guard !host.isEmpty, host.utf8.allSatisfy(Self.isNameByte) else { return nil }
            self.host = host.lowercased()
            isAddress = (try? SocketAddress(host: self.host, port: 0)) != nil
        }
    }

    /// The host with its brackets, and the text behind the colon; the port is nil without a colon.
    private static func parts<Text: StringProtocol>(
        of text: Text
    ) -> (host: Text.SubSequence, port: Text.SubSequence?)? {
        let hostEnd =
            text.hasPrefix("[")
            ? text.firstIndex(of: "]").map { text.index(after: $0) }
            : text.firstIndex(of: ":") ?? text.endIndex
        guard let hostEnd else { return nil }
        let rest = text[hostEnd...]
        guard !rest.isEmpty else { return (text[..<hostEnd], nil) }
        return rest.hasPrefix(":") ? (text[..<hostEnd], rest.dropFirst()) : nil
    }

    /// `.some(nil)` for an empty port, nil for text that is no port.
    private static func number(_ port: (some StringProtocol)?) -> UInt16?? {
        guard let port, !port.isEmpty else { return .some(nil) }
        guard port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = UInt16(port)
        else { return nil }
        return .some(number)
    }

    /// Letters, digits, `-`, `.` and `_`: browsers write every name in these, other characters in Punycode.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isASCIIAlphanumeric || "-._".utf8.contains(byte)
    }
}
