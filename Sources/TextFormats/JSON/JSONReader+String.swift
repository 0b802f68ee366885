extension JSONReader {
    /// Parses a string (section 7) with its quotes.
    package mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> JSONText {
        try expect(UInt8(ascii: "\""), bytes)
        let start = position
        var hasEscapes = false
        while true {
            guard position < bytes.count else { throw error(.unexpectedEnd) }
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position &+= 1
                return JSONText(range: start..<(position &- 1), hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try escape(bytes)
            case ..<0x20: throw error(.controlCharacter)
            case ..<0x80: position &+= 1
            default: try multibyteScalar(bytes)
            }
        }
    }

    private mutating func escape(_ bytes: Span<UInt8>) throws(JSONError) {
        guard position &+ 1 < bytes.count else { throw error(.unexpectedEnd) }
        switch bytes[position &+ 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position &+= 2
        case UInt8(ascii: "u"): try unicodeEscape(bytes)
        default: throw error(.invalidEscape)
        }
    }

    /// Parses `\uXXXX`. A high surrogate must be followed directly by a low one (section 8.2).
    private mutating func unicodeEscape(_ bytes: Span<UInt8>) throws(JSONError) {
        guard let value = JSONHex.value(bytes, at: position &+ 2) else { throw error(.invalidEscape) }
        switch value {
        case 0xD800...0xDBFF:
            guard bytes.count &- position >= 12, bytes[position &+ 6] == UInt8(ascii: "\\"),
                bytes[position &+ 7] == UInt8(ascii: "u"),
                let low = JSONHex.value(bytes, at: position &+ 8), (0xDC00...0xDFFF).contains(low)
            else { throw error(.loneSurrogate) }
            position &+= 12
        case 0xDC00...0xDFFF: throw error(.loneSurrogate)
        default: position &+= 6
        }
    }

    /// Checks a scalar of two to four bytes, by the table of well-formed sequences in RFC 3629, section 4.
    private mutating func multibyteScalar(_ bytes: Span<UInt8>) throws(JSONError) {
        let (length, second): (Int, ClosedRange<UInt8>)
        switch bytes[position] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw error(.invalidUTF8)
        }
        guard bytes.count &- position >= length, second.contains(bytes[position &+ 1]) else {
            throw error(.invalidUTF8)
        }
        for index in 2..<max(length, 2) where bytes[position &+ index] & 0xC0 != 0x80 {
            throw error(.invalidUTF8)
        }
        position &+= length
    }
}
