package import Endpoint
package import FleetAccess
internal import HTTP1
internal import HTTPTypes

/// All credentials that a request shows, in the order in which they are tried: one token, or its session
/// cookies, those with the `__Host-` name first.
///
/// A browser may hold a dead cookie of our name beside the live one, and another server on the same host may set
/// one. It also sends the cookies of other paths and of parent domains (RFC 6265 section 5.4).
package struct ShownCredentials: Sendable, RandomAccessCollection {
    /// At most this many sessions of one request are checked: each costs two hashes.
    private static let mostSessions = 32
    private static let cookiePrefixes = [Credential.hostCookieName + "=", Credential.cookieName + "="]

    package var startIndex: Int { 0 }
    package var endIndex: Int { 1 + others.count }
    package let first: Credential
    /// Empty in nearly all requests, and then nothing is allocated for it.
    private let others: [Credential]

    private init(first: Credential, others: [Credential]) {
        self.first = first
        self.others = others
    }

    /// - Returns: nil when there is no credential, or none that could be one of ours.
    package init?(_ request: Request, fromQuery: Bool = false) {
        if let text = Credential.tokenText(of: request, fromQuery: fromQuery) {
            guard let token = Credential(token: text) else { return nil }
            self.init(first: token, others: [])
        } else {
            guard let cookies = request.head[.cookie] else { return nil }
            self.init(cookies: cookies)
        }
    }

    /// The sessions of a `Cookie`, each once.
    private init?(cookies: String) {
        var first: Credential?
        var others: [Credential] = []
        for prefix in Self.cookiePrefixes {
            Self.forEachValue(of: prefix, in: cookies) { value in
                guard others.count + 1 < Self.mostSessions, let session = Credential(cookie: value),
                    session != first, !others.contains(session)
                else { return }
                if first == nil { first = session } else { others.append(session) }
            }
        }
        guard let first else { return nil }
        self.init(first: first, others: others)
    }

    /// Goes through the pairs of a `Cookie` that begin with `prefix`, in place.
    private static func forEachValue(of prefix: String, in cookies: String, _ body: (Substring) -> Void) {
        var rest = cookies[...].utf8
        while !rest.isEmpty {
            let pair = rest.prefix { $0 != UInt8(ascii: ";") }
            let trimmed = pair.drop { $0 == UInt8(ascii: " ") }
            if trimmed.starts(with: prefix.utf8) { body(Substring(trimmed.dropFirst(prefix.utf8.count))) }
            rest = rest[pair.endIndex...].dropFirst()
        }
    }

    /// - Parameter position: below `endIndex`.
    package subscript(position: Int) -> Credential { position == 0 ? first : others[position - 1] }
}
