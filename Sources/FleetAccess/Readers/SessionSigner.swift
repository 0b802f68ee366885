package import Crypto
internal import FoundationEssentials

/// Makes the texts of session cookies, and distinguishes genuine ones from made-up ones without asking a store.
///
/// A text is `RANDOM.MAC`: 32 random bytes, and the first 16 bytes of their HMAC-SHA256 under a key derived from
/// the server's secret key, both in base64url.
package struct SessionSigner: Sendable {
    /// What a cookie's MAC alone says about its text.
    package enum Verdict: Sendable {
        case ours
        case madeUp
        /// The text has no MAC, as in older versions, or the key is not known yet.
        case unsigned
    }

    /// Returns the key of the MAC; nil while it is not known.
    package typealias Key = @Sendable () -> SymmetricKey?

    /// Distinguishes this key from others that are derived from the server's key.
    package static let purpose = "harbor-fleet session cookie"

    private static let randomBytes = 32
    private static let macBytes = 16
    private static let randomLength = 43
    private static let length = 43 + 1 + 22

    private let key: Key

    package init(key: @escaping Key) {
        self.key = key
    }

    /// - Parameter key: 32 bytes.
    package init(key bytes: [UInt8]) {
        self.init { SymmetricKey(data: bytes) }
    }

    /// Whether a text has the form of a signed session.
    static func isSigned(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        guard bytes.count == length else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            index == randomLength ? byte == UInt8(ascii: ".") : Credential.isBase64URL(byte)
        }
    }

    /// Makes the text of a new session; nil while the key is not known.
    package func makeText() -> String? {
        guard let key = key() else { return nil }
        let random = Self.base64URL((0..<Self.randomBytes).map { _ in UInt8.random(in: .min ... .max) })
        return "\(random).\(Self.base64URL(Self.mac(of: random, key)))"
    }

    /// Checks a text. The comparison takes the same time wherever the difference is.
    package func judge(_ text: String) -> Verdict {
        guard Self.isSigned(text), let key = key() else { return .unsigned }
        let expected = Self.base64URL(Self.mac(of: String(text.prefix(Self.randomLength)), key)).utf8
        let difference = zip(expected, text.utf8.dropFirst(Self.randomLength + 1)).reduce(UInt8(0)) {
            $0 | ($1.0 ^ $1.1)
        }
        return difference == 0 ? .ours : .madeUp
    }

    private static func mac(of random: String, _ key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(random.utf8), using: key).prefix(macBytes))
    }

    /// RFC 4648, section 5, without padding.
    package static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
