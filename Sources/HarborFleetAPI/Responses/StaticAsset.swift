internal import Compression
package import Endpoint
package import HTTP1
internal import HTTPTypes

/// A file that the server sends unchanged.
package struct StaticAsset: Sendable {
    /// The content.
    package let bytes: [UInt8]
    /// The value of `Content-Type`.
    package let contentType: String
    /// The value of `ETag`: strong, made from the content, so that it is the same in every process.
    package let entityTag: EntityTag
    /// The value of `Cache-Control`.
    package let cacheControl: String
    /// The compressed content; nil for a small file, or when compression saves less than an eighth, as for
    /// pictures.
    package let gzip: [UInt8]?

    /// zlib's default level. The result is made once and sent often, so it may take time, but the server's start
    /// waits for it.
    private static let level = 6

    package init(bytes: [UInt8], contentType: String, cacheControl: String) {
        self.bytes = bytes
        self.contentType = contentType
        self.cacheControl = cacheControl
        entityTag = EntityTag(String(Self.hash(bytes), radix: 36) + "-" + String(bytes.count, radix: 36))
        gzip = Self.compressed(bytes)
    }

    /// nil also when zlib has no memory; the file is then sent uncompressed.
    private static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= GzipBodies.leastBytes, var encoder = try? GzipEncoder(level: level),
            let gzip = try? encoder.encode(bytes.span), gzip.count < bytes.count - bytes.count / 8
        else { return nil }
        return gzip
    }

    /// The content type of a file name that we serve; nil for anything else.
    package static func contentType(ofFile name: String) -> String? {
        guard let dot = name.lastIndex(of: ".") else { return nil }
        return switch name[name.index(after: dot)...] {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "json": "application/json"
        case "geojson": "application/geo+json"
        default: nil
        }
    }

    /// FNV-1a, 64 bits. It only distinguishes versions of a file; it is no protection against attacks.
    private static func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// The file in a coding that the client accepts, or 304 if the client holds it already.
    package func reply(to request: Request) throws -> Reply {
        let choice = try request.choice(of: entityTag, offersGzip: gzip != nil)
        var fields: HTTPFields = [
            .eTag: "\(choice.coding.entityTag(of: entityTag))", .cacheControl: cacheControl,
        ]
        if gzip != nil { fields[.vary] = "Accept-Encoding" }
        if choice.isHeld { return .now(Response(.notModified, fields: fields)) }
        fields[.contentType] = contentType
        let body = choice.coding == .gzip ? gzip ?? bytes : bytes
        return .now(Response(.ok, fields: choice.coding.fields(fields), body: .bytes(body)))
    }
}
