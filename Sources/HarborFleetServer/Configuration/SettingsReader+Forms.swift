internal import Endpoint
internal import FoundationEssentials
internal import HarborFleetAPI
internal import Sockets

/// A setting with a fixed set of words, in any case.
protocol SettingChoice: RawRepresentable<String>, CaseIterable {}

/// Readers for the special forms of our settings.
extension SettingsReader {
    /// A text, as `parse` reads it.
    func text<Value>(
        _ name: SettingName, _ expected: String, _ parse: (String) -> Value?
    ) throws(ConfigurationError) -> Value? {
        guard let text = try text(name, expected: expected) else { return nil }
        guard let value = parse(text) else { throw .malformed(setting: label(name), expected: expected) }
        return value
    }

    /// A list, each part as `parse` reads it.
    func list<Value>(
        _ name: SettingName, _ expected: String, _ parse: (String) -> Value?
    ) throws(ConfigurationError) -> [Value]? {
        guard let parts = try list(name, expected: expected) else { return nil }
        let values = parts.compactMap(parse)
        guard values.count == parts.count else {
            throw .malformed(setting: label(name), expected: expected)
        }
        return values
    }

    /// One of a fixed set of words.
    func choice<Choice: SettingChoice>(_ name: SettingName) throws(ConfigurationError) -> Choice? {
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return try text(name, "one of " + words) { Choice(rawValue: $0.lowercased()) }
    }

    /// A port; 0 lets the kernel choose.
    func port(_ name: SettingName) throws(ConfigurationError) -> UInt16? {
        try integer(name, in: 0...65_535).map(UInt16.init(truncatingIfNeeded:))
    }

    /// A numeric address, so that the start never waits for a resolver; `localhost` means 127.0.0.1.
    func host(_ name: SettingName) throws(ConfigurationError) -> String? {
        try text(name, "an IPv4 or IPv6 address") { text in
            if text == "localhost" { return "127.0.0.1" }
            return (try? SocketAddress(host: text, port: 0)).map { _ in text }
        }
    }

    /// A directory's absolute path.
    func directory(_ name: SettingName) throws(ConfigurationError) -> String? {
        try text(name, "the path of a directory") { $0.isEmpty ? nil : absolute($0) }
    }

    /// A path relative to the working directory at the start, made absolute so that it keeps its meaning.
    func absolute(_ path: String) -> String {
        let whole = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        // Without `.` and doubled slashes: the path of a Unix socket has few bytes (sun_path in unix(7)).
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// Addresses and networks.
    func networks(_ name: SettingName) throws(ConfigurationError) -> [String]? {
        try list(name, "a list of IP addresses and networks such as 10.0.0.0/8") { text in
            NetworkPrefix(text).map { _ in text }
        }
    }

    /// Origins of web pages.
    func origins(_ name: SettingName) throws(ConfigurationError) -> [WebOrigin]? {
        let expected =
            "a list of origins such as https://map.example or http://192.0.2.7:8080, without a path"
        return try list(name, expected) { WebOrigin($0) }
    }

    /// A tile server's URL template. Its origin becomes part of a Content-Security-Policy, so characters that
    /// could end a directive or a quoted attribute are refused; an empty text means no tiles.
    func tileTemplate(_ name: SettingName) throws(ConfigurationError) -> String? {
        try text(name, "an http(s) URL with {z}, {x} and {y} in its path") { text -> String?? in
            if text.isEmpty { return .some(nil) }
            let isURL = text.hasPrefix("https://") || text.hasPrefix("http://")
            let hasParts = ["{z}", "{x}", "{y}"].allSatisfy(text.contains)
            let isClean = text.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && !Array("\"'<>;,\\".utf8).contains($0)
            }
            // Written with `guard`: in a conditional expression nil would become the inner nil, which means no
            // tiles.
            guard isURL, hasParts, isClean else { return nil }
            return text
        } ?? nil
    }
}
