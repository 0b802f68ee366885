/// Drops the spaces that PostgreSQL puts into the text of a jsonb, outside of strings.
enum CompactJSON {
    static func bytes(_ text: [UInt8]) -> [UInt8] {
        var compact: [UInt8] = []
        compact.reserveCapacity(text.count)
        var inString = false
        var isEscaped = false
        for byte in text {
            if byte == UInt8(ascii: " "), !inString { continue }
            compact.append(byte)
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                inString.toggle()
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = inString
            }
        }
        return compact
    }
}
