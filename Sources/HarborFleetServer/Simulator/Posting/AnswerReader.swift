/// Bytes that are no HTTP/1.1 response, or one beyond our limits.
struct AnswerError: Error, Equatable {
    var detail: String
}

/// Reads one HTTP/1.1 response from bytes that come in pieces (RFC 9112). Interim responses (1xx) are skipped.
struct AnswerReader {
    private static let headLimit = 32_768
    private static let bodyLimit = 8_388_608

    private var bytes: [UInt8] = []
    private var head: AnswerHead?

    /// Whether nothing of a response has come yet.
    var isUntouched: Bool { bytes.isEmpty && head == nil }

    /// Takes more bytes.
    /// - Returns: the response once it is complete.
    mutating func received(_ piece: some Collection<UInt8>) throws(AnswerError) -> HTTPAnswer? {
        bytes.append(contentsOf: piece)
        while head == nil {
            guard try readHead() else { return nil }
        }
        return try body(isEndOfStream: false)
    }

    /// The peer has closed: the end of a body that has no other (section 6.3, rule 8).
    mutating func ended() throws(AnswerError) -> HTTPAnswer {
        guard let answer = try body(isEndOfStream: true) else {
            throw AnswerError(detail: "the connection was closed in the middle of an answer")
        }
        return answer
    }

    /// - Returns: whether a head, interim or final, was there.
    private mutating func readHead() throws(AnswerError) -> Bool {
        guard let end = endOfHead() else {
            guard bytes.count <= Self.headLimit else {
                throw AnswerError(detail: "the answer's head is too long")
            }
            return false
        }
        let parsed = try AnswerHead(lines: String(decoding: bytes[..<end], as: UTF8.self))
        bytes.removeFirst(end)
        if parsed.status >= 200 { head = parsed }
        return true
    }

    /// The index behind the empty line.
    private func endOfHead() -> Int? {
        let emptyLine: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first { bytes[$0..<($0 + 4)].elementsEqual(emptyLine) }.map { $0 + 4 }
    }

    private func body(isEndOfStream: Bool) throws(AnswerError) -> HTTPAnswer? {
        guard let head else { return nil }
        guard bytes.count <= Self.bodyLimit else { throw AnswerError(detail: "the answer is too long") }
        switch head.framing {
        case .none: return answer(head, [])
        case .length(let length): return bytes.count >= length ? answer(head, Array(bytes[..<length])) : nil
        case .chunked: return try ChunkedBody.decode(bytes).map { answer(head, $0) }
        case .untilClose: return isEndOfStream ? answer(head, bytes) : nil
        }
    }

    private func answer(_ head: AnswerHead, _ body: [UInt8]) -> HTTPAnswer {
        HTTPAnswer(
            status: head.status, fields: head.fields, body: body,
            keepsConnection: head.keepsConnection && head.framing != .untilClose)
    }
}
