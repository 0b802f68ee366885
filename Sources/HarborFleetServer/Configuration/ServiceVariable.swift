internal import Sockets

/// Recognizes the variables that Kubernetes injects for a Service into each container of a namespace (Kubernetes
/// documentation, "Environment variables" of a Service), and Docker for a link. It goes by the form of both name
/// and value.
///
/// For a Service `harbor` they begin like settings: `HARBOR_SERVICE_HOST=10.0.0.1`, `HARBOR_SERVICE_PORT=8080`,
/// `HARBOR_SERVICE_PORT_HTTP=8080`, `HARBOR_PORT=tcp://10.0.0.1:8080`,
/// `HARBOR_PORT_8080_TCP=tcp://10.0.0.1:8080`, and the last one with `_PROTO`, `_PORT` and `_ADDR` appended.
enum ServiceVariable {
    private static let protocols = ["tcp", "udp", "sctp"]

    /// Whether both the name and the value have such a form.
    static func matches(_ name: String, _ value: String) -> Bool {
        let words = name.split(separator: "_", omittingEmptySubsequences: false)
        guard words.allSatisfy(isWord) else { return false }
        return isHost(words, value) || isNamedPort(words, value) || isURL(words, value)
            || isOnePort(words, value)
    }

    /// The Service's name, as far as its variable shows it: `harbor-http` for `HARBOR_HTTP_PORT`.
    static func service(of name: String) -> String {
        var words = name.lowercased().split(separator: "_")
        if words.last == "port" { words.removeLast() }
        return words.joined(separator: "-")
    }

    /// A word of a name in capitals. An empty word stands for a character that a variable's name cannot have.
    private static func isWord(_ word: Substring) -> Bool {
        word.utf8.allSatisfy {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
    }

    /// `…_SERVICE_HOST`.
    private static func isHost(_ words: [Substring], _ value: String) -> Bool {
        words.count > 2 && words.suffix(2) == ["SERVICE", "HOST"] && isAddress(value)
    }

    /// `…_SERVICE_PORT` and `…_SERVICE_PORT_NAME`.
    private static func isNamedPort(_ words: [Substring], _ value: String) -> Bool {
        guard isPort(value) else { return false }
        return words.indices.dropFirst(2).contains { words[$0] == "PORT" && words[$0 - 1] == "SERVICE" }
    }

    /// `…_PORT`.
    private static func isURL(_ words: [Substring], _ value: String) -> Bool {
        words.count > 1 && words.last == "PORT" && protocols.contains { isURL(value, of: $0, port: nil) }
    }

    /// `…_PORT_8080_TCP`, `…_PROTO`, `…_PORT`, `…_ADDR`.
    private static func isOnePort(_ words: [Substring], _ value: String) -> Bool {
        let members: Set<Substring> = ["PROTO", "PORT", "ADDR"]
        let member = words.last.flatMap { members.contains($0) ? $0 : nil }
        let rest = Array(words.dropLast(member == nil ? 0 : 1).suffix(4))
        guard rest.count == 4, rest[1] == "PORT", isPort(rest[2]) else { return false }
        let name = rest[3].lowercased()
        guard protocols.contains(name) else { return false }
        return switch member {
        case "PROTO"?: value == name
        case "PORT"?: value == rest[2]
        case "ADDR"?: isAddress(value)
        default: isURL(value, of: name, port: rest[2])
        }
    }

    /// `tcp://10.0.0.1:8080` or `tcp://[fd00::1]:8080`.
    private static func isURL(_ value: String, of name: String, port: Substring?) -> Bool {
        guard value.hasPrefix(name + "://") else { return false }
        let authority = value.dropFirst(name.count + 3)
        guard let colon = authority.lastIndex(of: ":") else { return false }
        let found = authority[authority.index(after: colon)...]
        var host = authority[..<colon]
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        return isPort(found) && (port ?? found) == found && isAddress(String(host))
    }

    private static func isAddress(_ text: String) -> Bool {
        (try? SocketAddress(host: text, port: 0)) != nil
    }

    private static func isPort(_ text: some StringProtocol) -> Bool {
        guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else { return false }
        return UInt16(text).map { $0 > 0 } ?? false
    }
}
