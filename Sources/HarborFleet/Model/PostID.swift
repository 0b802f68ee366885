internal import TextFormats

/// The id that the server gives to a POST of fixes: a UUIDv7 (RFC 9562, section 5.7). Its receipt is stored under
/// this id in the same transaction as the fixes, so that the outcome of a lost response can be looked up.
package struct PostID: Hashable, Sendable, CustomStringConvertible {
    /// Bytes 0 to 7 in network order.
    package let high: UInt64
    /// Bytes 8 to 15 in network order.
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(number: UInt128) {
        high = UInt64(truncatingIfNeeded: number >> 64)
        low = UInt64(truncatingIfNeeded: number)
    }

    /// The 16 bytes as one number.
    package var number: UInt128 { UInt128(high) << 64 | UInt128(low) }

    /// A new id at `now`. Ids increase with time, to the millisecond.
    package static func make(
        at now: Timestamp, using generator: inout some RandomNumberGenerator
    ) -> PostID {
        let random = generator.next()
        let time = UInt64(truncatingIfNeeded: now.milliseconds) << 16
        return PostID(
            high: time | 0x7000 | (random & 0x0FFF),
            low: 0x8000_0000_0000_0000 | (generator.next() >> 2))
    }

    /// A lower bound: below every id that is made at `time` or later, above every id from before.
    package static func first(at time: Timestamp) -> PostID {
        PostID(high: UInt64(truncatingIfNeeded: max(time.milliseconds, 0)) << 16, low: 0)
    }

    /// A new id at `now` from the system's random generator.
    package static func make(at now: Timestamp) -> PostID {
        var generator = SystemRandomNumberGenerator()
        return make(at: now, using: &generator)
    }

    /// The 16 bytes in network order.
    package var bytes: [UInt8] {
        (0..<16).map { index in
            let word = index < 8 ? high : low
            return UInt8(truncatingIfNeeded: word >> UInt64(56 &- 8 &* (index % 8)))
        }
    }

    /// The standard text form, `8-4-4-4-12` hexadecimal digits.
    package var description: String {
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(0x2D) }
            Hexadecimal.append(byte, to: &text)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
