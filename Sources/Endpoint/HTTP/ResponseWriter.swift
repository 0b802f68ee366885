internal import HTTP1

/// Encodes the responses of one loop's connections, with the lines that differ per request. Touched on its loop only.
///
/// The fields that every response uses have no run-time check for exclusive access: only one thread touches them, and
/// accesses cannot overlap, because encoding calls no other code.
final class ResponseWriter {
    @safe @exclusivity(unchecked) private var date = DateLine()
    @safe @exclusivity(unchecked) private var starts = PreparedStart()
    /// The lines `date` and `x-request-id` of the current response. The array's memory is reused for the next one.
    private var lines: [UInt8] = []

    /// Appends head and body.
    func append(_ response: Response, to request: Request, keepAlive: Bool, into output: inout [UInt8]) {
        appendHead(
            of: response, framing: .length(response.bodyLength), to: request, keepAlive: keepAlive,
            into: &output)
        guard !request.head.isHead, response.status.hasContent, case .bytes(let bytes) = response.body else {
            return
        }
        output.append(contentsOf: bytes)
    }

    /// Appends the head of a response whose body comes later or not at all.
    func appendHead(
        of response: Response, framing: ResponseFraming, to request: Request, keepAlive: Bool,
        into output: inout [UInt8]
    ) {
        lines.removeAll(keepingCapacity: true)
        lines.append(contentsOf: date.line(at: request.loop.now))
        lines.append(contentsOf: "x-request-id: ".utf8)
        request.id.append(to: &lines)
        lines.append(contentsOf: "\r\n".utf8)
        ResponseEncoder.encodeHead(
            status: response.status, fields: response.fields, framing: framing, keepAlive: keepAlive,
            version: request.head.version, date: lines, into: &output)
    }

    /// Appends a response that was encoded before.
    func append(
        _ prepared: PreparedResponse, to request: Request, keepAlive: Bool, into output: inout Output
    ) {
        let isWhole = !request.head.isHead
        output.append { bytes in
            starts.append(
                prepared, dateLine: date.line(at: request.loop.now), second: date.second, request.id,
                to: &bytes)
            switch (keepAlive, request.head.version) {
            case (false, _): bytes.append(contentsOf: "connection: close\r\n".utf8)
            // An HTTP/1.0 client expects a close unless the response says otherwise (RFC 9112 section 9.3).
            case (true, .http10): bytes.append(contentsOf: "connection: keep-alive\r\n".utf8)
            case (true, .http11): break
            }
            if !isWhole { bytes.append(contentsOf: prepared.rest[..<prepared.bodyStart]) }
        }
        if isWhole { output.append(shared: prepared.rest) }
    }
}
