/// Percent-encoding (RFC 3986 section 2.1), undone exactly once.
package enum PercentDecoding {
    /// The text with each `%XX` replaced; nil when an escape is cut or no hexadecimal, or when the bytes are
    /// not UTF-8. Text without escapes is returned as it is.
    package static func decode(_ text: some StringProtocol) -> String? {
        guard text.utf8.contains(ASCII.percent) else { return String(text) }
        return decode(Array(text.utf8)).flatMap { String(validating: $0, as: UTF8.self) }
    }

    private static func decode(_ bytes: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == ASCII.percent {
                guard let byte = escape(bytes, at: index) else { return nil }
                result.append(byte)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    /// The byte of an escape that starts at `index`; nil when there is none.
    static func escape(_ bytes: [UInt8], at index: Int) -> UInt8? {
        guard index + 2 < bytes.count, let high = ASCII.hexValue(bytes[index + 1]),
            let low = ASCII.hexValue(bytes[index + 2])
        else { return nil }
        return high << 4 | low
    }
}
