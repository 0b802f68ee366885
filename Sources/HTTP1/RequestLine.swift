import HTTPTypes

/// A parsed request line (RFC 9112 section 3). Its target consists of ranges of the head.
struct RequestLine: StartLine {
    static let tooLong = RequestError.Kind.targetTooLong

    let method: HTTPRequest.Method
    let version: HTTPVersion
    let target: RequestTarget

    /// Parses `method SP target SP version`.
    init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(RequestError) {
        let methodRange = try Self.methodRange(bytes, line)
        let rest = (methodRange.upperBound &+ 1)..<line.upperBound
        guard let space = ByteScan.first(ASCII.space, in: bytes, rest), space > rest.lowerBound else {
            throw RequestError(.syntax, "The request line must be a method, a target and a version.")
        }
        version = try Self.version(bytes, (space &+ 1)..<line.upperBound)
        method = try Self.method(bytes, methodRange)
        target = try RequestTarget(bytes, rest.lowerBound..<space, method: method)
    }

    private static func methodRange(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(RequestError) -> Range<
        Int
    > {
        var index = line.lowerBound
        while index < line.upperBound, ASCII.isToken(bytes[index]) { index &+= 1 }
        guard index > line.lowerBound, index < line.upperBound, bytes[index] == ASCII.space else {
            throw RequestError(.syntax, "The request line does not begin with a method and a space.")
        }
        return line.lowerBound..<index
    }

    /// Parses `HTTP/` in capital letters and two digits with a dot (RFC 9112 section 2.3). A minor version above 1 is
    /// read as HTTP/1.1 (RFC 9110 section 2.5).
    static func version(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(RequestError) -> HTTPVersion {
        let name: [5 of UInt8] = [0x48, 0x54, 0x54, 0x50, ASCII.slash]
        guard range.count == 8 else { throw notAVersion }
        for index in 0..<5 where bytes[range.lowerBound &+ index] != name[index] { throw notAVersion }
        let major = bytes[range.lowerBound &+ 5]
        let minor = bytes[range.lowerBound &+ 7]
        guard ASCII.isDigit(major), bytes[range.lowerBound &+ 6] == ASCII.dot, ASCII.isDigit(minor) else {
            throw notAVersion
        }
        switch (major, minor) {
        case (0x31, 0x30): return .http10
        case (0x31, _): return .http11
        default: throw RequestError(.version, "Only HTTP/1.1 and HTTP/1.0 are supported.")
        }
    }

    private static var notAVersion: RequestError {
        RequestError(.syntax, "The line has no valid HTTP version.")
    }

    /// Recognises the common methods by their bytes, without making a `String`.
    private static func method(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(RequestError) -> HTTPRequest.Method {
        if ByteScan.equals(bytes, range, "GET") { return .get }
        if ByteScan.equals(bytes, range, "POST") { return .post }
        let text = String(decoding: [UInt8](copying: bytes.extracting(range)), as: UTF8.self)
        guard let method = HTTPRequest.Method(text) else {
            throw RequestError(.syntax, "The method is not a token.")
        }
        return method
    }
}
