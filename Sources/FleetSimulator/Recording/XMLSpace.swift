/// White space of XML 1.0 (section 2.3).
enum XMLSpace {
    static func contains(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    /// `text` without the white space at its ends.
    static func trimmed(_ text: String) -> String {
        guard let first = text.utf8.firstIndex(where: { !contains($0) }),
            let last = text.utf8.lastIndex(where: { !contains($0) })
        else { return "" }
        return String(text[first...last])
    }
}
