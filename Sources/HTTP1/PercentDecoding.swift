/// Decodes percent-encoding (RFC 3986 section 2.1), exactly once.
package enum PercentDecoding {
    /// The text with each `%XX` replaced; nil if an escape is cut short or not hexadecimal, or if the bytes are not
    /// UTF-8. Text without escapes is returned unchanged.
    package static func decode(_ text: some StringProtocol) -> String? {
        guard text.utf8.contains(ASCII.percent) else { return String(text) }
        var isWhole = true
        let bytes = unescaped(Array(text.utf8)) { byte in
            if byte == ASCII.percent { isWhole = false }
            return byte
        }
        return isWhole ? String(validating: bytes, as: UTF8.self) : nil
    }

    /// The bytes with each `%XX` replaced.
    /// - Parameter plain: maps every other byte, including the `%` of an escape that is cut short or not hexadecimal.
    static func unescaped(_ bytes: [UInt8], _ plain: (UInt8) -> UInt8) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let escaped = escape(bytes, at: index)
            result.append(escaped ?? plain(bytes[index]))
            index += escaped == nil ? 1 : 3
        }
        return result
    }

    /// The byte of the escape that starts at `index`; nil if no valid escape does.
    private static func escape(_ bytes: [UInt8], at index: Int) -> UInt8? {
        guard bytes[index] == ASCII.percent, index + 2 < bytes.count,
            let high = ASCII.hexValue(bytes[index + 1]),
            let low = ASCII.hexValue(bytes[index + 2])
        else { return nil }
        return high << 4 | low
    }
}
