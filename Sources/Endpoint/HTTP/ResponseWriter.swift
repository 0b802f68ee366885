internal import HTTP1
package import HTTPTypes

/// The lines of a head that differ per request, and the heads that carry them.
struct AnswerLines {
    /// `date` and `x-request-id` of the answer at hand; the room is used again for the next one.
    private var lines: [UInt8] = []

    /// Starts the lines of an answer.
    mutating func start(dateLine: [UInt8], requestID: RequestID) {
        lines.removeAll(keepingCapacity: true)
        lines.append(contentsOf: dateLine)
        lines.append(contentsOf: "x-request-id: ".utf8)
        requestID.append(to: &lines)
        lines.append(contentsOf: "\r\n".utf8)
    }

    /// Appends head and body of a response.
    func append(
        _ response: Response, version: HTTPVersion, keepAlive: Bool, withBody: Bool, to output: inout [UInt8]
    ) {
        ResponseEncoder.encodeHead(
            status: response.status, fields: response.fields, framing: .length(response.bodyLength),
            keepAlive: keepAlive, version: version, date: lines, into: &output)
        guard withBody, response.status.hasContent, case .bytes(let bytes) = response.body else { return }
        output.append(contentsOf: bytes)
    }

    /// Appends the head of a response whose body comes later.
    func append(
        headOf response: Response, framing: ResponseFraming, version: HTTPVersion, keepAlive: Bool,
        to output: inout [UInt8]
    ) {
        ResponseEncoder.encodeHead(
            status: response.status, fields: response.fields, framing: framing, keepAlive: keepAlive,
            version: version, date: lines, into: &output)
    }

    /// Appends the answer that makes the connection a WebSocket (RFC 6455 section 4.2.2).
    func appendSwitchingProtocols(accept: String, fields: HTTPFields, to output: inout [UInt8]) {
        var fields = fields
        fields[.upgrade] = "websocket"
        fields[.connection] = "Upgrade"
        fields[.secWebSocketAccept] = accept
        ResponseEncoder.encodeHead(
            status: .switchingProtocols, fields: fields, framing: .none, keepAlive: true, version: .http11,
            date: lines, into: &output)
    }
}

extension HTTPResponse.Status {
    /// Whether an answer with this status may have a body (RFC 9112 section 6.3).
    var hasContent: Bool { code >= 200 && code != 204 && code != 304 }
}

extension HTTPField.Name {
    /// `X-Request-Id`.
    package static let requestID = HTTPField.Name("X-Request-Id") ?? .server
    /// `X-Forwarded-For`: addresses, the nearest proxy's view last.
    package static let forwardedFor = HTTPField.Name("X-Forwarded-For") ?? .server
}
