/// SHA-1 (RFC 3174), which the handshake asks for; not for anything that must resist forgery.
enum SHA1 {
    /// The 20 bytes of the digest.
    static func digest(_ message: [UInt8]) -> [UInt8] {
        var hash: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        let padded = padded(message)
        for start in stride(from: 0, to: padded.count, by: 64) {
            mix(schedule(padded, start), into: &hash)
        }
        return hash.flatMap { word in bigEndian(UInt64(word), bytes: 4) }
    }

    /// A one bit, zeros, and the length in bits, to a multiple of 64 bytes (section 4).
    private static func padded(_ message: [UInt8]) -> [UInt8] {
        let zeros = (119 - message.count % 64) % 64
        return message + [0x80] + Array(repeating: 0, count: zeros)
            + bigEndian(UInt64(message.count) &* 8, bytes: 8)
    }

    private static func bigEndian(_ number: UInt64, bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: number >> UInt64($0 * 8)) }
    }

    private static func schedule(_ bytes: [UInt8], _ start: Int) -> [UInt32] {
        var words: [UInt32] = []
        words.reserveCapacity(80)
        for index in 0..<16 {
            words.append(
                bytes[(start + index * 4)..<(start + index * 4 + 4)].reduce(0) { $0 << 8 | UInt32($1) })
        }
        for index in 16..<80 {
            words.append(
                rotate(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1))
        }
        return words
    }

    /// Section 6.1.
    private static func mix(_ words: [UInt32], into hash: inout [UInt32]) {
        var (a, b, c, d, e) = (hash[0], hash[1], hash[2], hash[3], hash[4])
        for index in 0..<80 {
            let next = rotate(a, 5) &+ function(index, b, c, d) &+ e &+ words[index] &+ constant(index)
            (a, b, c, d, e) = (next, a, rotate(b, 30), c, d)
        }
        hash = [hash[0] &+ a, hash[1] &+ b, hash[2] &+ c, hash[3] &+ d, hash[4] &+ e]
    }

    private static func function(_ index: Int, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> UInt32 {
        switch index {
        case ..<20: (b & c) | (~b & d)
        case 40..<60: (b & c) | (b & d) | (c & d)
        default: b ^ c ^ d
        }
    }

    private static func constant(_ index: Int) -> UInt32 {
        switch index {
        case ..<20: 0x5A82_7999
        case ..<40: 0x6ED9_EBA1
        case ..<60: 0x8F1B_BCDC
        default: 0xCA62_C1D6
        }
    }

    private static func rotate(_ word: UInt32, _ bits: UInt32) -> UInt32 {
        word &<< bits | word &>> (32 &- bits)
    }
}
