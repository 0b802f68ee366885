/// Masks and unmasks payloads (RFC 6455 section 5.3): byte i of a payload is XORed with byte i mod 4 of the key.
enum Masking {
    /// Masks or unmasks the bytes from `start` to the end, eight at a time.
    /// - Parameters:
    ///   - key: the four bytes of the key, with the first one as the most significant.
    ///   - phase: how many bytes of the payload are before `start`.
    static func apply(_ key: UInt32, phase: Int, to bytes: inout [UInt8], from start: Int) {
        guard key != 0, start >= 0, start < bytes.count else { return }
        let rotated = rotate(key, by: phase)
        let wide = UInt64(rotated) << 32 | UInt64(rotated)
        var index = start
        // The memory is the array's own, bytes.count long; every access below ends at or before that, and
        // the pointer does not leave the closure.
        unsafe bytes.withUnsafeMutableBytes { buffer in
            while index &+ 8 <= buffer.count {
                let word = unsafe buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                unsafe buffer.storeBytes(of: word ^ wide.bigEndian, toByteOffset: index, as: UInt64.self)
                index &+= 8
            }
        }
        applySlowly(rotated, to: &bytes, from: index)
    }

    private static func applySlowly(_ rotated: UInt32, to bytes: inout [UInt8], from start: Int) {
        var key = rotated
        for index in start..<bytes.count {
            bytes[index] ^= UInt8(truncatingIfNeeded: key >> 24)
            key = rotate(key, by: 1)
        }
    }

    private static func rotate(_ key: UInt32, by bytes: Int) -> UInt32 {
        let bits = UInt32(truncatingIfNeeded: bytes & 3) &* 8
        return bits == 0 ? key : key &<< bits | key &>> (32 &- bits)
    }
}
