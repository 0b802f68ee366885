import HTTPTypes

/// A parsed status line (RFC 9112 section 4).
struct StatusLine: StartLine {
    static let tooLong = RequestError.Kind.syntax

    let version: HTTPVersion
    let status: HTTPResponse.Status

    /// Parses `HTTP-version SP 3DIGIT [ SP reason ]`. Without a reason, the space before it may be missing.
    init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(RequestError) {
        let start = line.lowerBound
        guard line.count >= 12 else { throw Self.fault }
        version = try RequestLine.version(bytes, start..<(start &+ 8))
        guard bytes[start &+ 8] == ASCII.space else { throw Self.fault }
        var code = 0
        for index in (start &+ 9)..<(start &+ 12) {
            guard ASCII.isDigit(bytes[index]) else { throw Self.fault }
            code = code * 10 + Int(bytes[index] &- ASCII.zero)
        }
        guard code >= 100, line.count == 12 || bytes[start &+ 12] == ASCII.space else { throw Self.fault }
        let reason = bytes.extracting(min(start &+ 13, line.upperBound)..<line.upperBound)
        let phrase = String(decoding: [UInt8](copying: reason), as: UTF8.self)
        status = HTTPResponse.Status(code: code, reasonPhrase: phrase)
    }

    static var fault: RequestError { RequestError(.syntax, "The status line is malformed.") }
}

/// Parses and checks a response's head.
typealias ResponseHeadScanner = MessageHeadScanner<StatusLine>

extension MessageHeadScanner<StatusLine> {
    /// Makes the head, after `scan` has found its end.
    /// - Parameter bytes: all bytes of the head.
    func head(_ bytes: [UInt8]) throws(RequestError) -> ResponseHead {
        guard let line else { throw StatusLine.fault }
        let stays = !facts.closes && (line.version == .http11 || facts.staysOpen)
        return ResponseHead(
            version: line.version, status: line.status, keepAlive: stays, bytes: bytes,
            fieldRanges: block.fields)
    }

    /// How the body of a final response to `method` ends (RFC 9112 section 6.3); nil means when the connection closes.
    func bodyFraming(_ status: HTTPResponse.Status, to method: HTTPRequest.Method) throws(RequestError)
        -> BodyFraming?
    {
        if method == .head || status.code == 204 || status.code == 304 || status.code == 101 {
            return BodyFraming.none
        }
        if method == .connect, status.kind == .successful { return BodyFraming.none }
        return try facts.declaredFraming()
    }
}
