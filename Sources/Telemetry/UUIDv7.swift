import Synchronization

/// A UUID of version 7 (RFC 9562, section 5.7): in time order, unique without asking anyone.
package struct UUIDv7: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970, version and counter.
    private let high: UInt64
    /// Variant and random bits.
    private let low: UInt64

    fileprivate init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new one, greater than all that this process made before (also within a millisecond, and when the clock
    /// goes back).
    package static func generate() -> UUIDv7 {
        let milliseconds = UInt64(clamping: UTCTime.nowMilliseconds())
        let (random, seed) = (UInt64.random(in: 0...UInt64.max), UInt16.random(in: 0...UInt16.max))
        return shared.withLock { $0.next(milliseconds: milliseconds, seed: seed, random: random) }
    }

    private static let shared = Mutex(UUIDv7State())

    /// When it was made, in milliseconds since 1970.
    package var milliseconds: Int64 { Int64(high >> 16) }

    /// The 16 bytes, most significant first.
    package var bytes: [UInt8] {
        [high, low].flatMap { half in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
        }
    }

    package static func < (left: UUIDv7, right: UUIDv7) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension UUIDv7: CustomStringConvertible {
    /// `0190a6f0-7c1b-7…`, lower-case.
    package var description: String {
        let digits = Hexadecimal.text(high, digits: 16) + Hexadecimal.text(low, digits: 16)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, digit) in digits.enumerated() {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append(UInt8(ascii: "-")) }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the form that `description` writes; nil when it is another or not of version 7.
    package init?(_ string: String) {
        let text = Array(string.lowercased().utf8)
        let hyphens = [8, 13, 18, 23]
        guard text.count == 36, hyphens.allSatisfy({ text[$0] == UInt8(ascii: "-") }) else { return nil }
        let digits = text.indices.filter { !hyphens.contains($0) }.map { text[$0] }
        guard let high = Hexadecimal.value(digits[..<16]), let low = Hexadecimal.value(digits[16...]),
            high >> 12 & 0xf == 7, low >> 62 == 2
        else { return nil }
        self.init(high: high, low: low)
    }
}

/// Makes UUIDs that rise: within a millisecond by a counter in `rand_a` (RFC 9562, section 6.2, method 1).
struct UUIDv7State: Sendable {
    private var milliseconds: UInt64 = 0
    private var counter: UInt64 = 0

    /// The next one.
    ///
    /// - Parameters:
    ///   - seed: where the counter of a new millisecond starts; its upper bit is dropped to leave room.
    ///   - random: the random bits.
    mutating func next(milliseconds now: UInt64, seed: UInt16, random: UInt64) -> UUIDv7 {
        if now > milliseconds {
            milliseconds = now
            counter = UInt64(seed & 0x7ff)
        } else if counter < 0xfff {
            counter += 1
        } else {
            // More than the counter holds in one millisecond: borrow from the next.
            milliseconds += 1
            counter = 0
        }
        let high = (milliseconds & 0xffff_ffff_ffff) << 16 | 0x7000 | counter
        return UUIDv7(high: high, low: random & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000)
    }
}
