internal import HTTP1
internal import HTTPTypes

/// Gathers one response from bytes that come in pieces. Interim responses (1xx) are skipped.
struct AnswerReader {
    private static let limits = HTTPLimits(bodyBytes: 8_388_608)

    private var parser = ResponseParser(limits: Self.limits)
    private var head: ResponseHead?
    private var body: [UInt8] = []

    /// Takes more bytes.
    /// - Returns: the response once it is complete.
    /// - Throws: when they are no HTTP/1.1 response, or one beyond our limits.
    mutating func received(_ bytes: [UInt8]) throws(TransportError) -> HTTPAnswer? {
        var offset = 0
        while let event = try step({ parser throws(ResponseError) in try parser.next(bytes.span, &offset) }) {
            if try note(event, bytes) { return answer(isAlone: offset == bytes.count) }
        }
        return nil
    }

    /// The peer has closed: the end of a body that has no other (RFC 9112, section 6.3, rule 8).
    mutating func ended() throws(TransportError) -> HTTPAnswer {
        guard try step({ parser throws(ResponseError) in try parser.endOfInput() }) != nil,
            let answer = answer(isAlone: false)
        else { throw Self.cut }
        return answer
    }

    private mutating func step(
        _ body: (inout ResponseParser) throws(ResponseError) -> ResponseEvent?
    ) throws(TransportError) -> ResponseEvent? {
        do throws(ResponseError) {
            return try body(&parser)
        } catch {
            throw error.isTruncated ? Self.cut : TransportError("the answer cannot be read: \(error.detail)")
        }
    }

    /// - Returns: whether the response is complete.
    private mutating func note(_ event: ResponseEvent, _ bytes: [UInt8]) throws(TransportError) -> Bool {
        switch event {
        case .informational: return false
        case .head(let head): self.head = head
        case .body(let range):
            // The parser bounds only bodies whose end is told by themselves.
            guard body.count + range.count <= Self.limits.bodyBytes else {
                throw TransportError("the answer is too long")
            }
            body += bytes[range]
        case .end: return true
        }
        return false
    }

    /// - Parameter isAlone: whether nothing followed that nobody asked for.
    private func answer(isAlone: Bool) -> HTTPAnswer? {
        head.map { head in
            HTTPAnswer(
                status: head.status.code, retryAfter: head[.retryAfter], body: body,
                keepsConnection: head.keepAlive && isAlone)
        }
    }

    private static var cut: TransportError {
        TransportError("the connection was closed in the middle of an answer")
    }
}
