/// Makes and judges request ids.
///
/// An id of ours has 15 characters of Crockford's base 32, 75 random bits: 15 bytes is what a small String holds
/// without an allocation.
struct RequestIDs {
    private var generator: SplitMix64

    init() {
        generator = SplitMix64(state: UInt64.random(in: .min ... .max))
    }

    /// A new id. Ids are for finding log lines, not secrets: the generator need not be unpredictable.
    mutating func next() -> String {
        let alphabet: InlineArray<32, UInt8> = [
            48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100, 101, 102,
            103, 104, 106, 107, 109, 110, 112, 113, 114, 115, 116, 118, 119, 120, 121, 122,
        ]
        var text = InlineArray<15, UInt8>(repeating: 48)
        var bits = generator.next()
        for index in text.indices {
            // 12 characters use up 60 bits of a word.
            if index == 12 { bits = generator.next() }
            text[index] = alphabet[Int(bits & 31)]
            bits >>= 5
        }
        guard let span = try? UTF8Span(validating: text.span) else { return "" }
        return String(copying: span)
    }

    /// Whether an id that a client sent may stand in logs and answers: 1 to 128 characters of a safe alphabet.
    static func isSane(_ id: String) -> Bool {
        let bytes = id.utf8
        guard (1...128).contains(bytes.count) else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"):
                true
            default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            }
        }
    }
}

/// Sebastiano Vigna's SplitMix64: one addition and three multiplications a word.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
