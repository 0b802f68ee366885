/// A parsed string of a JSON text, as a range of bytes. They are valid UTF-8 with valid escapes.
package struct JSONText {
    /// The range between the quotes.
    package let range: Range<Int>
    package let hasEscapes: Bool

    /// Whether the content equals `other`. It is cheap for a string without escapes.
    package func equals(_ other: String, _ bytes: Span<UInt8>) -> Bool {
        guard !hasEscapes else { return content(bytes).elementsEqual(other.utf8) }
        guard range.count == other.utf8.count else { return false }
        var position = range.lowerBound
        for byte in other.utf8 {
            guard bytes[position] == byte else { return false }
            position &+= 1
        }
        return true
    }

    /// The content as UTF-8, with its escapes resolved.
    package func content(_ bytes: Span<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            if bytes[position] == UInt8(ascii: "\\") {
                Self.resolve(bytes, &position, into: &output)
            } else {
                output.append(bytes[position])
                position &+= 1
            }
        }
        return output
    }

    /// The content as a String.
    package func string(_ bytes: Span<UInt8>) -> String {
        String(decoding: content(bytes), as: UTF8.self)
    }

    /// Resolves the escape at `position`, which the reader has checked (section 7).
    private static func resolve(_ bytes: Span<UInt8>, _ position: inout Int, into output: inout [UInt8]) {
        let kind = bytes[position &+ 1]
        position &+= 2
        switch kind {
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"): resolveUnicode(bytes, &position, into: &output)
        default: output.append(kind)
        }
    }

    private static func resolveUnicode(
        _ bytes: Span<UInt8>, _ position: inout Int, into output: inout [UInt8]
    ) {
        var value = JSONHex.value(bytes, at: position) ?? 0
        position &+= 4
        if value & 0xFC00 == 0xD800 {
            let low = JSONHex.value(bytes, at: position &+ 2) ?? 0
            value = 0x10000 &+ ((value & 0x3FF) << 10) &+ (low & 0x3FF)
            position &+= 6
        }
        guard let scalar = Unicode.Scalar(value) else { return }
        output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}

/// Parses four hexadecimal digits.
enum JSONHex {
    /// The value of the four digits at `position`; nil when there are fewer bytes, or one of them is no digit.
    static func value(_ bytes: Span<UInt8>, at position: Int) -> UInt32? {
        guard bytes.count &- position >= 4 else { return nil }
        var value: UInt32 = 0
        for index in 0..<4 {
            guard let digit = digit(bytes[position &+ index]) else { return nil }
            value = value << 4 | digit
        }
        return value
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte &- 0x30)
        case 0x41...0x46: UInt32(byte &- 0x37)
        case 0x61...0x66: UInt32(byte &- 0x57)
        default: nil
        }
    }
}
