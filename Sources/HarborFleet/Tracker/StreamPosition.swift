internal import TextFormats

/// The position of a subscriber in a fleet's live stream: `EPOCH:SEQ`.
package struct StreamPosition: Sendable, Hashable, CustomStringConvertible {
    package let epoch: String
    package let seq: UInt64

    package var description: String { "\(epoch):\(seq)" }

    /// Whether this position is in the same stream as `other`, and not before it.
    package func isNotOlder(than other: StreamPosition) -> Bool { epoch == other.epoch && seq >= other.seq }
}

extension StreamPosition {
    /// - Returns: nil when `text` does not have the form of `description`.
    package init?(_ text: String) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), Epoch.isValid(text[..<colon].utf8)
        else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seq = UInt64(digits) else {
            return nil
        }
        self.init(epoch: String(text[..<colon]), seq: seq)
    }
}

/// The random name of an epoch: 13 characters of base 32 from 64 random bits, so that no two servers and no two
/// reloads share one.
enum Epoch {
    private static let longest = 64

    /// Whether `text` has a form that an epoch of any server may have: letters, digits, `_` and `-`.
    static func isValid(_ text: some Collection<UInt8>) -> Bool {
        guard (1...longest).contains(text.count) else { return false }
        return text.allSatisfy {
            $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
        }
    }

    static func make() -> String {
        var random = UInt64.random(in: .min ... .max)
        let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        var text: [UInt8] = []
        for _ in 0..<13 {
            text.append(digits[Int(random & 31)])
            random >>= 5
        }
        return String(decoding: text, as: UTF8.self)
    }
}
