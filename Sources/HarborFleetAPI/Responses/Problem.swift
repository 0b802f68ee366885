package import Endpoint
internal import FoundationEssentials
package import HTTPTypes

/// An error as the client sees it: `application/problem+json` (RFC 9457).
package struct Problem: Error, Sendable, Equatable {
    /// One invalid place of the input.
    package struct Place: Sendable, Equatable, Encodable {
        /// A JSON pointer (RFC 6901), `/fixes/3/lat`.
        package var pointer: String
        package var detail: String
    }

    /// At most this many invalid places are listed, so that the response stays small.
    static let maximumErrors = 100

    package var status: HTTPResponse.Status
    /// The last part of `type`: a short name that never changes, such as `unknown-fleet`.
    package var kind: String
    /// One sentence about this occurrence; it reveals no internals.
    package var detail: String
    package var errors: [Place]
    /// Header fields that the status requires, such as Retry-After.
    package var fields: HTTPFields

    package init(
        _ status: HTTPResponse.Status, _ kind: String, detail: String, errors: [Place] = [],
        fields: HTTPFields = [:]
    ) {
        self.status = status
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.fields = fields
    }

    /// The response, with the request's id as `instance`.
    package func response(requestID: String) -> Response {
        let document = Document(
            type: "urn:harbor-fleet:problem:\(kind)", title: status.reasonPhrase, status: status.code,
            detail: detail,
            instance: requestID, errors: errors.isEmpty ? nil : errors)
        var fields = fields
        fields[.contentType] = "application/problem+json"
        fields[.cacheControl] = "no-store"
        return Response(status, fields: fields, body: .bytes(JSONResponse.encode(document)))
    }

    private struct Document: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
        let instance: String
        let errors: [Place]?
    }
}

extension Problem {
    /// A problem as a pattern matches errors of its kind.
    package static func ~= (pattern: Problem, error: any Error) -> Bool {
        (error as? Problem)?.kind == pattern.kind
    }
}
