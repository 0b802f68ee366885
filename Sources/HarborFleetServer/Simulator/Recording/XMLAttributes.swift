/// The inside of a start tag: a name, then `name="value"` pairs.
struct XMLAttributes {
    private var rest: Substring

    init(_ content: Substring) {
        rest = content
    }

    /// The element's name, with its prefix.
    mutating func takeName() -> Substring {
        let name = rest.prefix { !$0.isWhitespace }
        rest = rest.dropFirst(name.count)
        return name
    }

    /// Every attribute by its name as written; of two with one name the first.
    mutating func all() throws(SimulatorError) -> [String: String] {
        var attributes: [String: String] = [:]
        while true {
            rest = rest.drop { $0.isWhitespace }
            guard !rest.isEmpty else { return attributes }
            let (name, value) = try takeAttribute()
            if attributes[name] == nil { attributes[name] = value }
        }
    }

    private mutating func takeAttribute() throws(SimulatorError) -> (name: String, value: String) {
        guard let equals = rest.firstIndex(of: "=") else { throw Self.broken }
        let name = rest[..<equals].filter { !$0.isWhitespace }
        rest = rest[rest.index(after: equals)...].drop { $0.isWhitespace }
        guard let quote = rest.first, quote == "\"" || quote == "'" else { throw Self.broken }
        let quoted = rest.dropFirst()
        guard let end = quoted.firstIndex(of: quote) else { throw Self.broken }
        rest = quoted[quoted.index(after: end)...]
        return (String(name), try XMLReference.resolve(String(quoted[..<end])))
    }

    private static let broken = SimulatorError.unusableRecording(
        "it is no well-formed XML, a broken attribute")
}
