/// The policy that every HTML answer carries (W3C Content Security Policy Level 3): scripts, styles and
/// connections from this site only, nothing inline, no frames. Leaflet sets styles through the CSSOM, which
/// a policy without `'unsafe-inline'` allows.
package enum ContentSecurityPolicy {
    /// The value of `Content-Security-Policy`; `tiles` adds the tile server's origin to the images.
    package static func header(tiles: TileSource?) -> String {
        let tileSource = tiles?.contentSource.map { " " + $0 } ?? ""
        return [
            "default-src 'none'", "script-src 'self'", "style-src 'self'",
            "img-src 'self' data:" + tileSource, "connect-src 'self'", "form-action 'self'",
            "base-uri 'none'", "frame-ancestors 'none'",
        ].joined(separator: "; ")
    }
}
