extension JSONReader {
    /// Skips one value of any kind, which must still be valid JSON. Names in it may repeat (RFC 8259 section 4):
    /// which of them counts does not matter, because none is used.
    package mutating func skipValue(_ bytes: Span<UInt8>) throws(JSONError) {
        switch try peek(bytes) {
        case UInt8(ascii: "{"): try skipObject(bytes)
        case UInt8(ascii: "["): try skipArray(bytes)
        case UInt8(ascii: "\""): _ = try string(bytes)
        case UInt8(ascii: "t"): try literal("true", bytes)
        case UInt8(ascii: "f"): try literal("false", bytes)
        case UInt8(ascii: "n"): try literal("null", bytes)
        default: _ = try numeral(bytes)
        }
    }

    private mutating func skipObject(_ bytes: Span<UInt8>) throws(JSONError) {
        var first = true
        try open(UInt8(ascii: "{"), bytes)
        while try hasNext(UInt8(ascii: "}"), first: first, bytes) {
            first = false
            _ = try memberName(bytes)
            try skipValue(bytes)
        }
    }

    private mutating func skipArray(_ bytes: Span<UInt8>) throws(JSONError) {
        var first = true
        try open(UInt8(ascii: "["), bytes)
        while try hasNext(UInt8(ascii: "]"), first: first, bytes) {
            first = false
            try skipValue(bytes)
        }
    }
}
