package import HTTPTypes

/// A response that is encoded when it is sent. The handler leaves out `Date`, `Content-Length`, `Connection` and
/// `X-Request-Id`, because the connection adds them.
package struct Response: Sendable {
    /// The bytes that follow the head.
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

    /// Whether the handler wants the connection to close after the response.
    var saysClose: Bool { fields[.connection]?.lowercased() == "close" }
}

/// Turns an error that was thrown while a request was handled into its response. The second argument is
/// the request's id.
///
/// It receives the errors of handlers, `EndpointError`, and the `RequestError` of the HTTP parser. After a parser error
/// there may be no request. It runs on the connection's loop and must not block.
package typealias ErrorResponder = @Sendable (_ error: any Error, _ requestID: String) -> Response

extension HTTPResponse.Status {
    /// Whether a response with this status may have a body (RFC 9112 section 6.3).
    var hasContent: Bool { code >= 200 && code != 204 && code != 304 }
}

extension HTTPField.Name {
    /// `X-Request-Id`.
    package static let requestID = HTTPField.Name("X-Request-Id") ?? .server
    /// `X-Forwarded-For`: a list of addresses. The nearest proxy has added the last one.
    package static let forwardedFor = HTTPField.Name("X-Forwarded-For") ?? .server
}
