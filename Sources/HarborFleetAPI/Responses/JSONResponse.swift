package import Endpoint
internal import FoundationEssentials
package import HTTPTypes

/// Makes responses from `Encodable` values, for everything that is not on a hot path.
package enum JSONResponse {
    /// A 200 (or another status) with the value as JSON, members in alphabetical order, `snake_case`.
    package static func make(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, fields: HTTPFields = [:]
    ) -> Response {
        var fields = fields
        fields[.contentType] = "application/json"
        if fields[.cacheControl] == nil { fields[.cacheControl] = "no-store" }
        return Response(status, fields: fields, body: .bytes(encode(value)))
    }

    /// The value's JSON. Our own documents hold nothing that cannot be encoded (no infinite numbers), so the
    /// empty object appears only through a bug of ours.
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return (try? encoder.encode(value)).map(Array.init) ?? Array("{}".utf8)
    }
}
