internal import Crypto

/// The credential that a request presents. Its description reveals nothing about it.
///
/// A text that does not have the form of one of this server's credentials is no credential, and costs no look-up.
package enum Credential: Hashable, Sendable, CustomStringConvertible {
    /// A bearer token, from the header or a WebSocket's `?token=`.
    case token(String)
    /// The web app's session cookie. `SessionSigner` checks whether its MAC is right.
    case session(String)

    /// The session cookie's name.
    package static let cookieName = "harbor_session"
    /// The cookie's name over TLS, where a browser binds it to this host (RFC 6265bis section 4.1.3.2).
    package static let hostCookieName = "__Host-" + cookieName
    private static let tokenPrefix = "hft_"
    /// 32 bytes in base64url.
    private static let randomLength = 43

    /// A token as typed in or sent by a client; nil when it cannot be a token of this server.
    package init?(token: String) {
        guard token.hasPrefix(Self.tokenPrefix), Self.isRandom(token.utf8.dropFirst(4)) else { return nil }
        self = .token(token)
    }

    /// The SHA-256 under which the store knows the credential.
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

    /// The text after the scheme (RFC 6750, section 2.1), whose name is case-insensitive; nil for another scheme.
    package static func bearer(_ header: String) -> Substring? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1]
    }

    /// The session in a cookie's value; nil when the value does not have the form of a session.
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
