/// Character and entity references (XML 1.0, section 4.1), of entities the five predefined ones only.
enum XMLReference {
    /// Replaces every reference in `text`.
    /// - Throws: `SimulatorError.unusableRecording` for an unknown one.
    static func resolve(_ text: String) throws(SimulatorError) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        let parts = text.split(separator: "&", omittingEmptySubsequences: false)
        var output = String(parts[0])
        for part in parts.dropFirst() {
            guard let end = part.firstIndex(of: ";"), let character = character(part[..<end]) else {
                throw .unusableRecording("it has an entity that is not one of XML's five")
            }
            output.append(character)
            output.append(contentsOf: part[part.index(after: end)...])
        }
        return output
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
