internal import TextFormats

/// Where a subscriber stands in a fleet's live stream: `EPOCH:SEQ`.
package struct StreamPosition: Sendable, Hashable, CustomStringConvertible {
    package let epoch: String
    package let seq: UInt64

    package var description: String { "\(epoch):\(seq)" }

    /// Whether it is in the same stream as another, and no further back.
    package func isNotOlder(than other: StreamPosition) -> Bool { epoch == other.epoch && seq >= other.seq }
}

extension StreamPosition {
    /// - Returns: nil when `text` is not of the form that `description` has.
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

/// Epochs: 13 characters of base 32 from 64 random bits, so that no two servers and no two reloads share one.
enum Epoch {
    private static let longest = 64

    /// Whether any server's epoch may look like this: letters, digits, `_` and `-`.
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
