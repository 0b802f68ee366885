import HTTPTypes

/// Reads a response's head as it arrives (RFC 9112 section 4).
struct ResponseHeadScanner: HeadScanner {
    private let limits: HTTPLimits
    private var lines = LineScanner()
    private var line: (version: HTTPVersion, status: HTTPResponse.Status)?
    private var block: FieldBlock
    private(set) var facts = FramingFields()

    init(limits: HTTPLimits) {
        self.limits = limits
        block = FieldBlock(start: 0, limits: limits)
    }

    var maximumBytes: Int { limits.headMaximumBytes }

    mutating func scan(_ bytes: Span<UInt8>) throws(RequestError) -> Int? {
        guard try readLine(bytes) else { return nil }
        while true {
            switch try block.next(bytes, &lines) {
            case .field(let field): try facts.note(field, in: bytes)
            case .end(let length): return length
            case .needsMore: return nil
            }
        }
    }

    private mutating func readLine(_ bytes: Span<UInt8>) throws(RequestError) -> Bool {
        guard line == nil else { return true }
        let limit = limits.requestLineBytes
        guard let range = try lines.nextLine(bytes, limit: limit, else: .syntax) else { return false }
        line = try Self.statusLine(bytes, range)
        block = FieldBlock(start: lines.lineStart, limits: limits)
        return true
    }

    /// `HTTP-version SP 3DIGIT [ SP reason ]`; the last blank is forgiven when there is no reason.
    private static func statusLine(
        _ bytes: Span<UInt8>, _ line: Range<Int>
    ) throws(RequestError) -> (HTTPVersion, HTTPResponse.Status) {
        let start = line.lowerBound
        guard line.count >= 12 else { throw fault }
        let version = try RequestLine.version(bytes, start..<(start &+ 8))
        guard bytes[start &+ 8] == ASCII.space else { throw fault }
        var code = 0
        for index in (start &+ 9)..<(start &+ 12) {
            guard ASCII.isDigit(bytes[index]) else { throw fault }
            code = code * 10 + Int(bytes[index] &- ASCII.zero)
        }
        guard code >= 100, line.count == 12 || bytes[start &+ 12] == ASCII.space else { throw fault }
        let reason = bytes.extracting(min(start &+ 13, line.upperBound)..<line.upperBound)
        let phrase = String(decoding: [UInt8](copying: reason), as: UTF8.self)
        return (version, HTTPResponse.Status(code: code, reasonPhrase: phrase))
    }

    private static var fault: RequestError { RequestError(.syntax, "The status line is malformed.") }

    /// The head of which `scan` found the end, over its bytes.
    func head(_ bytes: [UInt8]) throws(RequestError) -> ResponseHead {
        guard let line else { throw Self.fault }
        let stays = !facts.closes && (line.version == .http11 || facts.staysOpen)
        return ResponseHead(
            version: line.version, status: line.status, keepAlive: stays, bytes: bytes,
            fieldRanges: block.fields)
    }

    /// RFC 9112 section 6.3 for a final response to a method; nil means until the connection closes.
    func bodyFraming(_ status: HTTPResponse.Status, to method: HTTPRequest.Method) throws(RequestError)
        -> BodyFraming?
    {
        if method == .head || status.code == 204 || status.code == 304 || status.code == 101 {
            return BodyFraming.none
        }
        if method == .connect, status.kind == .successful { return BodyFraming.none }
        guard facts.codings.isPresent else { return facts.contentLength.map { .length($0) } }
        guard facts.contentLength == nil else {
            throw RequestError(.framing, "Content-Length and Transfer-Encoding stand together.")
        }
        guard facts.codings.endsChunked else { return nil }
        guard !facts.codings.hasOthers else {
            throw RequestError(.transferCoding, "Only the chunked transfer coding is known here.")
        }
        return .chunked
    }
}
