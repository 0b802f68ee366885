internal import Crypto
package import Endpoint
internal import HTTP1
internal import HTTPTypes

/// What a request shows of its sender. Its description shows nothing of it.
package enum Credential: Hashable, Sendable, CustomStringConvertible {
    /// A bearer token, from the header or a WebSocket's `?token=`.
    case token(String)
    /// The web app's session cookie.
    case session(String)

    /// The longest text that is looked at; ours are far shorter.
    private static let maxBytes = 256
    /// The session cookie's name.
    package static let cookieName = "harbor_session"

    /// The credential of a request: `Authorization: Bearer`, else `?token=` where `fromQuery`, else the cookie.
    /// - Returns: nil when there is none, or none that could be one of ours.
    package init?(_ request: Request, fromQuery: Bool = false) {
        if let header = request.head[.authorization] {
            guard let token = Self.bearer(header) else { return nil }
            self = .token(token)
        } else if fromQuery, request.head.query != nil, let token = request.query["token"], Self.fits(token) {
            self = .token(token)
        } else if let cookie = request.head[.cookie], let session = Self.cookie(cookie), Self.fits(session) {
            self = .session(session)
        } else {
            return nil
        }
    }

    /// A token that somebody typed in; nil when it cannot be one of ours.
    init?(token: String) {
        guard Self.fits(token) else { return nil }
        self = .token(token)
    }

    /// The SHA-256 under which the store knows it.
    var hash: [UInt8] {
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

    /// RFC 6750, section 2.1; the scheme's name is case-insensitive.
    private static func bearer(_ header: String) -> String? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", fits(parts[1]) else { return nil }
        return String(parts[1])
    }

    private static func cookie(_ header: String) -> String? {
        for pair in header.split(separator: ";") {
            let trimmed = pair.drop { $0 == " " }
            if trimmed.hasPrefix(cookieName + "=") {
                return String(trimmed.dropFirst(cookieName.utf8.count + 1))
            }
        }
        return nil
    }

    private static func fits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.count <= maxBytes
    }
}
