/// An address on this site for an `href`, `src` or `action`. It is always a path, so it can never be another
/// host or a `javascript:` URL.
package struct SitePath: Sendable, Equatable {
    /// The path, percent-encoded.
    package let text: String

    private init(trusted text: String) {
        self.text = text
    }

    /// `/`, the list of fleets.
    package static let home = SitePath(trusted: "/")
    /// `/sign-in`.
    package static let signIn = SitePath(trusted: "/sign-in")
    /// `/session`, where a token is exchanged for a cookie.
    package static let session = SitePath(trusted: "/session")
    /// `/api/v1/openapi.json`.
    package static let openAPI = SitePath(trusted: "/api/v1/openapi.json")

    /// `/assets/…`; each segment is encoded.
    package static func asset(_ segments: String...) -> SitePath {
        SitePath(trusted: "/assets/" + segments.map(encode).joined(separator: "/"))
    }

    /// `/fleets/{fleet_id}`, a fleet's page.
    package static func fleet(_ fleetID: String) -> SitePath {
        SitePath(trusted: "/fleets/" + encode(fleetID))
    }

    /// `/api/v1/fleets/{fleet_id}/live`, a fleet's live stream.
    package static func live(_ fleetID: String) -> SitePath {
        SitePath(trusted: "/api/v1/fleets/" + encode(fleetID) + "/live")
    }

    /// `/api/v1/fleets/{fleet_id}/status`.
    package static func status(_ fleetID: String) -> SitePath {
        SitePath(trusted: "/api/v1/fleets/" + encode(fleetID) + "/status")
    }

    /// `/api/v1/fleets/{fleet_id}/fixes`, where its partners POST.
    package static func fixes(_ fleetID: String) -> SitePath {
        SitePath(trusted: "/api/v1/fleets/" + encode(fleetID) + "/fixes")
    }

    /// `/sign-in?next=…`, which returns to `next` after signing in.
    package static func signIn(returningTo next: SitePath) -> SitePath {
        SitePath(trusted: "/sign-in?next=" + encode(next.text))
    }

    /// A path that a client named as the next page; nil unless it stays on this site.
    ///
    /// `//host` is refused, since it is another site; so is `/\host`, which browsers read the same way, and
    /// every character that could end a header line. At most 2,048 bytes.
    package init?(local text: String) {
        let bytes = text.utf8
        guard bytes.count <= 2_048, bytes.first == UInt8(ascii: "/") else { return nil }
        guard bytes.dropFirst().first != UInt8(ascii: "/") else { return nil }
        let isPlain = bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
        guard isPlain else { return nil }
        self.text = text
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters.
    static func encode(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += byte < 16 ? "%0" : "%"
                result += String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
