package import Endpoint
internal import HTTPTypes
internal import HarborFleetAPI

/// Adds the security header fields to every response.
package struct SecurityHeaders: ResponseFilter {
    private let contentSecurityPolicy: String
    /// The value of `Strict-Transport-Security`; nil when the field is not sent.
    private let strictTransportSecurity: String?

    /// - Parameter strictTransportSeconds: `HARBOR_HSTS_S`.
    package init(tiles: TileSource?, strictTransportSeconds: Int?) {
        contentSecurityPolicy = Self.contentSecurityPolicy(tiles: tiles)
        strictTransportSecurity = strictTransportSeconds.map { "max-age=\($0)" }
    }

    /// The policy of every HTML response (W3C Content Security Policy Level 3): scripts, styles and connections only
    /// from this site, nothing inline, no frames. Leaflet sets styles through the CSSOM, which a policy without
    /// `'unsafe-inline'` allows. `tiles` adds the tile server's origin to the images.
    static func contentSecurityPolicy(tiles: TileSource?) -> String {
        let tileSource = tiles?.contentSource.map { " " + $0 } ?? ""
        return [
            "default-src 'none'", "script-src 'self'", "style-src 'self'",
            "img-src 'self' data:" + tileSource, "connect-src 'self'", "form-action 'self'",
            "base-uri 'none'", "frame-ancestors 'none'",
        ].joined(separator: "; ")
    }

    package func complete(_ response: inout Response, for request: Request?) {
        response.fields[.xContentTypeOptions] = "nosniff"
        // Only over TLS, as a trusted proxy reports it: elsewhere a browser must ignore the field (RFC 6797,
        // section 8.1).
        if let strictTransportSecurity, request?.forwardedScheme == .https {
            response.fields[.strictTransportSecurity] = strictTransportSecurity
        }
        guard response.isHTML else { return }
        response.fields[.contentSecurityPolicy] = contentSecurityPolicy
        if let name = HTTPField.Name("Referrer-Policy") { response.fields[name] = "same-origin" }
    }
}

extension Response {
    /// Called for every response. A subscript of the fields would join several lines, which costs more than
    /// everything else here.
    fileprivate var isHTML: Bool {
        fields.contains { $0.name == .contentType && $0.value.hasPrefix("text/html") }
    }
}
