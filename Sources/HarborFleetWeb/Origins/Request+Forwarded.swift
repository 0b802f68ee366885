internal import Endpoint
internal import HTTP1
internal import HTTPTypes

extension Request {
    /// The scheme that the browser used, as a trusted proxy says; nil where none does. Of several values the first one
    /// is that of the proxy in front. No page can set these fields: a client that makes them up fools itself alone.
    var forwardedScheme: WebOrigin.Scheme? {
        guard isFromTrustedProxy, let value = head[.forwardedProto] else { return nil }
        return WebOrigin.Scheme(Self.first(of: value))
    }

    /// The host that the browser used: `Host`, beside it what a trusted proxy says it was.
    var requestedAuthorities: [Authority] {
        let forwarded = isFromTrustedProxy ? head[.forwardedHost] : nil
        return [
            head.authority.flatMap { Authority($0) }, forwarded.flatMap { Authority(Self.first(of: $0)) },
        ]
        .compactMap(\.self)
    }

    private static func first(of list: String) -> Substring {
        var first = list.prefix { $0 != "," }.drop { $0 == " " }
        while first.last == " " { first.removeLast() }
        return first
    }
}

extension HTTPField.Name {
    // The literals are valid names.
    fileprivate static let forwardedProto = Self("X-Forwarded-Proto") ?? .from
    fileprivate static let forwardedHost = Self("X-Forwarded-Host") ?? .from
}
