/// The origin of a web page: scheme, host and port (RFC 6454 section 4). Default ports and case make no
/// difference.
///
///     WebOrigin("https://Map.example:443") == WebOrigin("https://map.example")
package struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    package enum Scheme: String, Sendable {
        case http
        case https

        /// The port that an origin leaves out.
        var defaultPort: UInt16 { self == .http ? 80 : 443 }

        /// Reads a scheme as an origin or a proxy writes it; some proxies write the WebSocket's scheme.
        init?(_ text: some StringProtocol) {
            switch text.lowercased() {
            case "http", "ws": self = .http
            case "https", "wss": self = .https
            default: return nil
            }
        }
    }

    let scheme: Scheme
    /// As in `Authority`.
    let host: String
    let port: UInt16

    /// Reads the value of `Origin` (RFC 6454 section 7) of an http or https page. nil for anything else: `null`,
    /// a list, a path, user information.
    package init?(_ text: String) {
        guard let separator = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased()),
            let authority = Authority(text[separator.upperBound...])
        else { return nil }
        self.scheme = scheme
        host = authority.host
        port = authority.port ?? scheme.defaultPort
    }

    /// Whether a request to this host and port comes from a page of the same origin.
    /// - Parameter requestScheme: the scheme that the browser used; nil when only a proxy in front may know it.
    func isOrigin(of authority: Authority, _ requestScheme: Scheme?) -> Bool {
        authority.host == host && (authority.port ?? scheme.defaultPort) == port
            && (requestScheme ?? scheme) == scheme
    }

    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(scheme.rawValue)://\(name)" + (port == scheme.defaultPort ? "" : ":\(port)")
    }
}
