internal import HTTP1
internal import HTTPTypes

/// Assembles one response from bytes that arrive in pieces. Interim responses (1xx) are skipped.
struct ResponseReader {
    private static let limits = HTTPLimits(bodyBytes: 8_388_608)

    private var parser = ResponseParser(limits: Self.limits)
    private var head: ResponseHead?
    private var body: [UInt8] = []

    /// Reads more bytes.
    /// - Returns: the response once it is complete.
    /// - Throws: when the bytes are not an HTTP/1.1 response, or exceed our limits.
    mutating func received(_ bytes: [UInt8]) throws(TransportError) -> ClientResponse? {
        var offset = 0
        while let event = try step({ parser throws(ResponseError) in try parser.next(bytes.span, &offset) }) {
            if try note(event, bytes) { return response(isAlone: offset == bytes.count) }
        }
        return nil
    }

    /// The peer has closed. That ends a body without another end (RFC 9112, section 6.3, rule 8).
    mutating func ended() throws(TransportError) -> ClientResponse {
        guard try step({ parser throws(ResponseError) in try parser.endOfInput() }) != nil,
            let response = response(isAlone: false)
        else { throw .truncated }
        return response
    }

    private mutating func step(
        _ body: (inout ResponseParser) throws(ResponseError) -> ResponseEvent?
    ) throws(TransportError) -> ResponseEvent? {
        do throws(ResponseError) {
            return try body(&parser)
        } catch {
            throw error.isTruncated ? .truncated : .unreadable(error.detail)
        }
    }

    /// - Returns: whether the response is complete.
    private mutating func note(_ event: ResponseEvent, _ bytes: [UInt8]) throws(TransportError) -> Bool {
        switch event {
        case .informational: return false
        case .head(let head): self.head = head
        case .body(let range):
            // The parser limits only bodies that declare their own end.
            guard body.count + range.count <= Self.limits.bodyBytes else {
                throw .tooLong
            }
            body += bytes[range]
        case .end: return true
        }
        return false
    }

    /// - Parameter isAlone: whether no unrequested bytes followed the response.
    private func response(isAlone: Bool) -> ClientResponse? {
        head.map { head in
            ClientResponse(
                status: head.status.code, retryAfter: head[.retryAfter], body: body,
                keepsConnection: head.keepAlive && isAlone)
        }
    }
}
