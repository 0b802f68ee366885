package import Endpoint
internal import HTTP1
internal import HTTPTypes

extension Request {
    /// The scheme that the browser used, as a trusted proxy says; nil where none does. Of several values the first one
    /// is that of the proxy in front. No page can set these fields: a client that makes them up fools itself alone.
    package var forwardedScheme: WebOrigin.Scheme? {
        forwarded(.forwardedProto).flatMap { WebOrigin.Scheme($0) }
    }

    /// The hosts that the browser may have used: `Host`, beside it what a trusted proxy says it was. A host without a port
    /// also counts with the port that such a proxy names, as where nginx passes `$host`; the port may be that of a mapping
    /// in front of the proxy, so the host counts without it too.
    var requestedAuthorities: [Authority] {
        let hosts = [
            head.authority.flatMap { Authority($0) }, forwarded(.forwardedHost).flatMap { Authority($0) },
        ]
        .compactMap(\.self)
        guard let port = forwarded(.forwardedPort).flatMap({ UInt16($0) }) else { return hosts }
        return hosts + hosts.filter { $0.port == nil }.map { $0.with(port: port) }
    }

    /// Whether a proxy that is not trusted, as it seems, says which host the browser used.
    var namesHostUntrusted: Bool { !isFromTrustedProxy && head.contains(.forwardedHost) }

    /// The first element of a list that a trusted proxy has sent.
    private func forwarded(_ name: HTTPField.Name) -> Substring? {
        guard isFromTrustedProxy, let list = head[name] else { return nil }
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
