package import HTTPTypes

/// A response that is encoded when it is sent. The connection adds `Date`, `Content-Length`, `Connection` and
/// `X-Request-Id`, not the handler.
package struct Response: Sendable {
    /// What follows the head.
    package enum Body: Sendable, Equatable {
        case none
        case bytes([UInt8])
    }

    package var status: HTTPResponse.Status
    package var fields: HTTPFields
    package var body: Body

    package init(_ status: HTTPResponse.Status, fields: HTTPFields = [:], body: Body = .none) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// The body's length in bytes.
    package var bodyLength: Int {
        switch body {
        case .none: 0
        case .bytes(let bytes): bytes.count
        }
    }

    /// Whether the handler wants the connection to end.
    var saysClose: Bool { fields[.connection]?.lowercased() == "close" }
}

/// Turns whatever was thrown on the way of a request into its response; the second argument is the request's id.
///
/// It sees the errors of handlers, `EndpointError` and the `RequestError` of the HTTP parser, for
/// which there is no request to look at. It runs on the connection's loop: it must not block.
package typealias ErrorResponder = @Sendable (_ error: any Error, _ requestID: String) -> Response

extension HTTPResponse.Status {
    /// Whether a response with this status may have a body (RFC 9112 section 6.3).
    var hasContent: Bool { code >= 200 && code != 204 && code != 304 }
}

extension HTTPField.Name {
    /// `X-Request-Id`.
    package static let requestID = HTTPField.Name("X-Request-Id") ?? .server
    /// `X-Forwarded-For`: addresses, the nearest proxy's view last.
    package static let forwardedFor = HTTPField.Name("X-Forwarded-For") ?? .server
}
