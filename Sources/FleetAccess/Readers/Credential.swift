internal import Crypto

/// What a request shows of its sender. Its description shows nothing of it.
///
/// Whatever has not the form of one of ours is none: it costs no look-up.
package enum Credential: Hashable, Sendable, CustomStringConvertible {
    /// A bearer token, from the header or a WebSocket's `?token=`.
    case token(String)
    /// The web app's session cookie. Whether its MAC is right is for `SessionSigner` to say.
    case session(String)

    /// The session cookie's name.
    package static let cookieName = "harbor_session"
    /// Its name where a browser holds it to this host, over TLS (RFC 6265bis section 4.1.3.2).
    package static let hostCookieName = "__Host-" + cookieName
    private static let tokenPrefix = "hft_"
    /// 32 bytes in base64url.
    private static let randomLength = 43

    /// A token that somebody typed in, or sent; nil when it cannot be one of ours.
    package init?(token: String) {
        guard token.hasPrefix(Self.tokenPrefix), Self.isRandom(token.utf8.dropFirst(4)) else { return nil }
        self = .token(token)
    }

    /// The SHA-256 under which the store knows it.
    package var hash: [UInt8] {
        switch self {
        case .token(let text), .session(let text): Array(SHA256.hash(data: Array(text.utf8)))
        }
    }

    package var description: String {
        switch self {
        case .token: "token"
        case .session: "session"
        }
    }

    /// What follows the scheme (RFC 6750, section 2.1), whose name is case-insensitive; nil for another scheme.
    package static func bearer(_ header: String) -> Substring? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1]
    }

    /// The session of a cookie's value; nil when it has not the form of one.
    package init?(cookie value: Substring) {
        guard SessionSigner.isSigned(value) || Self.isRandom(value.utf8) else { return nil }
        self = .session(String(value))
    }

    private static func isRandom(_ text: Substring.UTF8View) -> Bool {
        text.count == randomLength && text.allSatisfy(Self.isBase64URL)
    }

    /// RFC 4648, section 5.
    static func isBase64URL(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
