package import HTTPTypes

/// An answer that is encoded when it is sent. `Date`, `Content-Length`, `Connection` and `X-Request-Id` are the
/// connection's, not the handler's.
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
}
