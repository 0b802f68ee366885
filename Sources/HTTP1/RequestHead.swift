package import HTTPTypes

/// The head of one request: its line and its fields, already checked.
package struct RequestHead: Sendable {
    /// The method; any token is one.
    package var method: HTTPRequest.Method
    /// The version of the request.
    package var version: HTTPVersion
    /// Where the body ends.
    package var bodyFraming: BodyFraming
    /// Whether the client lets the connection stay open after the answer.
    package var keepAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    package var expectsContinue: Bool
    /// Whether this is a GET of HTTP/1.1 with `Connection: upgrade` and `Upgrade: websocket`.
    package var upgradesToWebSocket: Bool

    /// The request target as sent.
    package var target: String { "" }
    /// The path of the target, percent-encoded as sent, without the query.
    package var path: String { "" }
    /// What follows the first `?` of the target, as sent; nil when there is none.
    package var query: String? { nil }
    /// Host and port the request is for: of an absolute target, else of `Host` (RFC 9112 section 3.3).
    package var authority: String? { nil }
    /// The field's value, repeated lines joined by `, `; nil when it is absent.
    package subscript(name: HTTPField.Name) -> String? { nil }
    /// The values of each line with this name, in order.
    package func values(for name: HTTPField.Name) -> [String] { [] }
    /// Whether there is exactly one line with this name and it holds these bytes. Allocates nothing.
    package func fieldEquals(_ name: HTTPField.Name, _ value: StaticString) -> Bool { false }
    /// The same against bytes.
    package func fieldEquals(_ name: HTTPField.Name, _ value: [UInt8]) -> Bool { false }
    /// All fields, built on each call; prefer the subscript.
    package var fields: HTTPFields { [:] }
}
