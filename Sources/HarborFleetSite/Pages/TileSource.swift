/// A tile server, from `HARBOR_MAP_TILES`: a template such as `https://tiles.example.org/{z}/{x}/{y}.png`, or a
/// path on this site. The host name may start with `{s}`, which the browser replaces by `a`, `b` or `c`.
package struct TileSource: Sendable, Equatable {
    /// The template as given, for Leaflet.
    package let template: String
    /// The source that a Content-Security-Policy must allow for it; nil when the tiles come from this site.
    package let contentSource: String?

    /// Nil when `template` is not an `http` or `https` address or a path with `{z}`, `{x}` and `{y}`.
    package init?(_ template: String) {
        let isPlain = template.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isPlain, template.utf8.count <= 2_048 else { return nil }
        guard ["{z}", "{x}", "{y}"].allSatisfy({ template.contains($0) }) else { return nil }
        self.template = template
        if SitePath(local: template) != nil {
            contentSource = nil
        } else if let source = Self.origin(of: template) {
            contentSource = source
        } else {
            return nil
        }
    }

    /// The text below the map that names the source; OpenStreetMap's licence requires its words.
    var credit: String {
        guard let contentSource else { return "Map tiles from this server" }
        let host = contentSource.drop { $0 != "/" }.drop { $0 == "/" || $0 == "*" || $0 == "." }
        let licence = host.hasSuffix("openstreetmap.org") ? " © OpenStreetMap contributors" : ""
        return "Map tiles: \(host)" + licence
    }

    /// `https://host:port`, with `*.` for a leading `{s}.`; nil when the host is not a plain host name, because
    /// the text becomes part of a header field.
    private static func origin(of template: String) -> String? {
        for scheme in ["https://", "http://"] where template.hasPrefix(scheme) {
            let rest = template.dropFirst(scheme.count)
            guard let slash = rest.firstIndex(of: "/") else { return nil }
            var host = rest[..<slash]
            var wildcard = ""
            if host.hasPrefix("{s}.") {
                host = host.dropFirst(4)
                wildcard = "*."
            }
            return isHost(host) ? scheme + wildcard + host : nil
        }
        return nil
    }

    private static func isHost(_ host: Substring) -> Bool {
        guard let first = host.first, first.isLetter || first.isNumber else { return false }
        let name = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts[0].allSatisfy(name.contains) else { return false }
        return parts.count == 1 || UInt16(parts[1]) != nil
    }
}
