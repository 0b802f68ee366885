package import Endpoint
internal import HTTP1
internal import HTTPTypes

extension Request {
    /// The scheme that the browser used, as a trusted proxy reports it; nil without such a report. Of several
    /// values the first is that of the outermost proxy. Pages cannot set these fields: a client that forges them
    /// deceives only itself.
    package var forwardedScheme: WebOrigin.Scheme? {
        forwarded(.forwardedProto).flatMap { WebOrigin.Scheme($0) }
    }

    /// The hosts that the browser may have asked for: the one in `Host`, and the one that a trusted proxy
    /// reports. A host without a port also counts with the port that such a proxy reports, as when nginx passes
    /// `$host`. That port may be the target of a port mapping in front of the proxy, so the host counts without
    /// it too.
    var requestedAuthorities: [Authority] {
        let hosts = [
            head.authority.flatMap { Authority($0) }, forwarded(.forwardedHost).flatMap { Authority($0) },
        ]
        .compactMap(\.self)
        guard let port = forwarded(.forwardedPort).flatMap({ UInt16($0) }) else { return hosts }
        return hosts + hosts.filter { $0.port == nil }.map { $0.with(port: port) }
    }

    /// Whether an untrusted sender reports, as a proxy would, which host the browser used.
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
