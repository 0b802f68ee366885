package import HTTPTypes

/// Encodes responses as bytes. It alone writes `Content-Length`, `Transfer-Encoding`, `Date` and, except for 101,
/// `Connection`. It ignores such fields in `fields`, so that a response cannot have two framings.
///
/// ```swift
/// ResponseEncoder.encodeHead(
///     status: .ok, fields: [.contentType: "text/plain"], framing: .length(5), keepAlive: true, version: .http11,
///     date: line, into: &out)
/// out += Array("hello".utf8)
/// ```
package enum ResponseEncoder {
    /// `HTTP/1.1 100 Continue` and its empty line.
    package static let continueResponse: [UInt8] = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Appends a head.
    /// - Parameters:
    ///   - status: the status; 1xx, 204 and 304 have no framing fields, whatever `framing` says.
    ///   - fields: the other fields, written in their order and spelling.
    ///   - framing: how the end of the body is marked.
    ///   - keepAlive: whether the connection stays open.
    ///   - version: the request's version. An HTTP/1.0 client needs an explicit `keep-alive`.
    ///   - date: complete lines to insert, such as `HTTPDate.fieldLine`; may be empty.
    ///   - output: the array to append to.
    package static func encodeHead(
        status: HTTPResponse.Status, fields: HTTPFields, framing: ResponseFraming, keepAlive: Bool,
        version: HTTPVersion, date: [UInt8], into output: inout [UInt8]
    ) {
        append("HTTP/1.1 ", to: &output)
        appendNumber(status.code, minimumDigits: 3, to: &output)
        output.append(ASCII.space)
        append(status.reasonPhrase, to: &output)
        endLine(&output)
        output += date
        for field in fields where !isOwned(field.name, status) { appendField(field, to: &output) }
        if !hasNoBody(status) { appendFraming(framing, to: &output) }
        appendConnection(
            status, keepAlive, version, offersUpgrade: fields[.upgrade] != nil, to: &output)
        endLine(&output)
    }

    /// Appends one chunk. An empty chunk is left out, because it would end the body.
    package static func encodeChunk(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        append(String(bytes.count, radix: 16), to: &output)
        endLine(&output)
        output.append(copying: bytes)
        endLine(&output)
    }

    /// Appends the last chunk, without trailers.
    package static func encodeLastChunk(into output: inout [UInt8]) {
        append("0\r\n\r\n", to: &output)
    }

    /// Whether a response with this status has no body and no framing fields (RFC 9110 sections 6.4.1 and 8.6).
    private static func hasNoBody(_ status: HTTPResponse.Status) -> Bool {
        status.code < 200 || status.code == 204 || status.code == 304
    }

    private static func isOwned(_ name: HTTPField.Name, _ status: HTTPResponse.Status) -> Bool {
        switch name.canonicalName.utf8.count {
        case 4: name == .date
        case 10: name == .connection && status.code != 101
        case 14: name == .contentLength
        case 17: name == .transferEncoding
        default: false
        }
    }

    private static func appendField(_ field: HTTPField, to output: inout [UInt8]) {
        append(field.name.rawName, to: &output)
        append(": ", to: &output)
        append(field.value, to: &output)
        endLine(&output)
    }

    private static func appendFraming(_ framing: ResponseFraming, to output: inout [UInt8]) {
        switch framing {
        case .length(let length):
            append("Content-Length: ", to: &output)
            appendNumber(max(0, length), minimumDigits: 1, to: &output)
            endLine(&output)
        case .chunked: append("Transfer-Encoding: chunked\r\n", to: &output)
        case .untilClose, .none: break
        }
    }

    private static func appendConnection(
        _ status: HTTPResponse.Status, _ keepAlive: Bool, _ version: HTTPVersion, offersUpgrade: Bool,
        to output: inout [UInt8]
    ) {
        // An interim response has no Connection field, and a 101 has its own `Connection: upgrade` in `fields`.
        guard status.code >= 200, !keepAlive || version == .http10 || offersUpgrade else { return }
        let persistence = keepAlive ? (version == .http10 ? "keep-alive" : nil) : "close"
        // A response with Upgrade must list it in Connection (RFC 9110 section 7.8).
        let options = [persistence, offersUpgrade ? "upgrade" : nil].compactMap(\.self)
        append("Connection: \(options.joined(separator: ", "))\r\n", to: &output)
    }

    private static func append(_ text: String, to output: inout [UInt8]) {
        output.append(contentsOf: text.utf8)
    }

    private static func endLine(_ output: inout [UInt8]) {
        output.append(ASCII.carriageReturn)
        output.append(ASCII.lineFeed)
    }

    /// Appends a non-negative number in decimal digits, with leading zeros up to `minimumDigits`.
    static func appendNumber(_ number: Int, minimumDigits: Int, to output: inout [UInt8]) {
        let start = output.count
        var rest = number
        repeat {
            output.append(ASCII.zero &+ UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0 || output.count &- start < minimumDigits
        output[start...].reverse()
    }
}
