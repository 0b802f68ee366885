/// Checks UTF-8 as it arrives, in pieces of any size (RFC 3629): no overlong forms, no surrogates, nothing above
/// U+10FFFF. It refuses the first invalid byte at once, without waiting for the end of the character.
struct UTF8Validator: Sendable {
    /// The number of continuation bytes that must still follow.
    private var needed = 0
    /// The lowest and, in `upper`, the highest allowed value of the next continuation byte. Some first bytes narrow it.
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Whether the bytes so far end with a complete character.
    var isComplete: Bool { needed == 0 }

    /// Checks the bytes from `start` to the end.
    /// - Returns: false when they are not UTF-8.
    mutating func take(_ bytes: Span<UInt8>, from start: Int) -> Bool {
        var index = start
        while index < bytes.count {
            if needed == 0 {
                index = Self.skipASCII(bytes, from: index)
                guard index < bytes.count else { return true }
            }
            guard take(bytes[index]) else { return false }
            index &+= 1
        }
        return true
    }

    private static func skipASCII(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        // The memory is the span's, which knows its size. It is only read, and only within this function.
        let raw = unsafe bytes.bytes
        while index &+ 8 <= bytes.count {
            // Any eight bytes are a UInt64, and the load checks its bounds.
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard word & highBits == 0 else { break }
            index &+= 8
        }
        while index < bytes.count, bytes[index] < 0x80 { index &+= 1 }
        return index
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard needed > 0 else { return begin(byte) }
        guard byte >= lower, byte <= upper else { return false }
        needed &-= 1
        lower = 0x80
        upper = 0xBF
        return true
    }

    /// Checks the first byte of a character (RFC 3629 section 4).
    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: needed = 1
        case 0xE0...0xEF: needed = 2
        case 0xF0...0xF4: needed = 3
        default: return false
        }
        if byte == 0xE0 { lower = 0xA0 }
        if byte == 0xED { upper = 0x9F }
        if byte == 0xF0 { lower = 0x90 }
        if byte == 0xF4 { upper = 0x8F }
        return true
    }
}
