package import Endpoint
internal import HTTP1
internal import HTTPTypes

extension Request {
    /// The scheme that the browser used, as a trusted proxy says; nil where none does. Of several values the first one
    /// is that of the proxy in front. No page can set these fields: a client that makes them up fools itself alone.
    package var forwardedScheme: WebOrigin.Scheme? {
        guard isFromTrustedProxy, let value = head[.forwardedProto] else { return nil }
        return WebOrigin.Scheme(Self.first(of: value))
    }

    /// The hosts that the browser may have used: `Host`, beside it what a trusted proxy says it was. A host without a port
    /// also counts with the port that such a proxy names, as where nginx passes `$host`; the port may be that of a mapping
    /// in front of the proxy, so the host counts without it too.
    var requestedAuthorities: [Authority] {
        let hosts = [head.authority.flatMap { Authority($0) }, forwardedAuthority].compactMap(\.self)
        guard let port = forwardedPort else { return hosts }
        return hosts + hosts.filter { $0.port == nil }.map { $0.with(port: port) }
    }

    private var forwardedAuthority: Authority? {
        guard isFromTrustedProxy, let value = head[.forwardedHost] else { return nil }
        return Authority(Self.first(of: value))
    }

    private var forwardedPort: UInt16? {
        guard isFromTrustedProxy, let value = head[.forwardedPort] else { return nil }
        return UInt16(Self.first(of: value))
    }

    /// Whether a proxy that is not trusted, as it seems, says which host the browser used.
    var namesHostUntrusted: Bool { !isFromTrustedProxy && head.contains(.forwardedHost) }

    private static func first(of list: String) -> Substring {
        var first = list.prefix { $0 != "," }.drop { $0 == " " }
        while first.last == " " { first.removeLast() }
        return first
    }
}

extension HTTPField.Name {
    // The literals are valid names.
    fileprivate static let forwardedProto = Self("X-Forwarded-Proto") ?? .from
    fileprivate static let forwardedPort = Self("X-Forwarded-Port") ?? .from
    fileprivate static let forwardedHost = Self("X-Forwarded-Host") ?? .from
}
