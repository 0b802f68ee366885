/// Base64 with padding (RFC 4648 section 4), for the handshake's short values.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let pad: UInt8 = 0x3D

    /// The text of some bytes.
    static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                let digit = alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)]
                result.append(index <= group.count ? digit : pad)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The bytes of a text; nil when it is not exactly how `encode` would write them.
    static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 4 == 0 else { return nil }
        let padding = digits.reversed().prefix { $0 == pad }.count
        guard padding <= 2 else { return nil }
        var result: [UInt8] = []
        var bits: UInt32 = 0
        for (index, digit) in digits.dropLast(padding).enumerated() {
            guard let value = value(digit) else { return nil }
            bits = bits << 6 | value
            if index % 4 > 0 { result.append(UInt8(truncatingIfNeeded: bits >> UInt32(6 - 2 * (index % 4)))) }
        }
        // Bits left over must be zero, or two texts would mean the same bytes.
        return bits & (padding == 1 ? 0x3 : padding == 2 ? 0xF : 0) == 0 ? result : nil
    }

    private static func value(_ digit: UInt8) -> UInt32? {
        switch digit {
        case 0x41...0x5A: UInt32(digit - 0x41)
        case 0x61...0x7A: UInt32(digit - 0x47)
        case 0x30...0x39: UInt32(digit) + 4
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }
}
