/// Resolves character references and the five predefined entities (XML 1.0, section 4.1).
enum XMLReference {
    /// Replaces every known reference in `text`.
    ///
    /// Any other reference stays as written. Recorders write names with a bare `&` or with entities of HTML, and
    /// such a text is never a number or a time.
    static func resolve(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        let parts = text.split(separator: "&", omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(into: String(parts[0])) { output, part in
            guard let end = part.firstIndex(of: ";"), let character = character(part[..<end]) else {
                output.append("&" + part)
                return
            }
            output.append(character)
            output.append(contentsOf: part[part.index(after: end)...])
        }
    }

    private static func character(_ name: Substring) -> Character? {
        switch name {
        case "amp": "&"
        case "lt": "<"
        case "gt": ">"
        case "quot": "\""
        case "apos": "'"
        default: numbered(name)
        }
    }

    private static func numbered(_ name: Substring) -> Character? {
        guard name.first == "#" else { return nil }
        let digits = name.dropFirst()
        let value = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return value.flatMap(Unicode.Scalar.init).map(Character.init)
    }
}
