/// Reads the content of a start tag: a name, then `name="value"` pairs.
struct XMLAttributes {
    private var rest: ArraySlice<UInt8>

    init(_ content: ArraySlice<UInt8>) {
        rest = content
    }

    /// The element's name, with its prefix.
    mutating func takeName() -> String {
        let name = rest.prefix { !XMLSpace.contains($0) }
        rest = rest.dropFirst(name.count)
        return String(decoding: name, as: UTF8.self)
    }

    /// All attributes by their names as written; of two with one name the first one counts.
    /// - Returns: nil when an attribute is malformed.
    mutating func all() -> [String: String]? {
        var attributes: [String: String] = [:]
        while true {
            rest = rest.drop(while: XMLSpace.contains)
            guard !rest.isEmpty else { return attributes }
            guard let (name, value) = takeAttribute() else { return nil }
            if attributes[name] == nil { attributes[name] = value }
        }
    }

    private mutating func takeAttribute() -> (name: String, value: String)? {
        guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let name = rest[..<equals].filter { !XMLSpace.contains($0) }
        rest = rest[(equals + 1)...].drop(while: XMLSpace.contains)
        guard let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            return nil
        }
        let quoted = rest.dropFirst()
        guard let end = quoted.firstIndex(of: quote) else { return nil }
        rest = quoted[(end + 1)...]
        let value = String(decoding: quoted[..<end], as: UTF8.self)
        return (String(decoding: name, as: UTF8.self), XMLReference.resolve(value))
    }
}
