import HTTPTypes

/// The parsed target of a request line, in one of the four forms of RFC 9112 section 3.2.
struct RequestTarget: Sendable {
    /// The path. It is empty for CONNECT, and if an absolute form has none, which then means `/`.
    let path: ByteRange
    /// The bytes after the first `?`; nil if there is none.
    let query: ByteRange?
    /// The host and port of the absolute and the authority form; nil for the other forms.
    let authority: ByteRange?

    /// The target for a head that stands in for bytes that are no request.
    static let none = RequestTarget(path: .empty, query: nil, authority: nil)

    private init(path: ByteRange, query: ByteRange?, authority: ByteRange?) {
        self.path = path
        self.query = query
        self.authority = authority
    }

    /// Parses a target. It may contain only visible ASCII without `#` (RFC 3986 appendix A). The query may also contain
    /// UTF-8 that should have been percent-encoded: some clients send it, and its meaning is clear.
    init(_ bytes: Span<UInt8>, _ range: Range<Int>, method: HTTPRequest.Method) throws(RequestError) {
        let isASCII = try Self.isVisibleASCII(bytes, range)
        if method == .connect {
            guard isASCII else { throw Self.forbiddenCharacter }
            authority = ByteRange(try Self.tunnel(bytes, range))
            path = .empty
            query = nil
            return
        }
        let (host, start) = try Self.split(bytes, range, method)
        authority = host.map { ByteRange($0) }
        let mark = ByteScan.first(ASCII.questionMark, in: bytes, start..<range.upperBound)
        path = ByteRange(start..<(mark ?? range.upperBound))
        query = mark.map { ByteRange(($0 &+ 1)..<range.upperBound) }
        guard isASCII || Self.isRawOnly(bytes, range, behind: mark) else { throw Self.forbiddenCharacter }
    }

    /// - Returns: false if the range contains bytes beyond ASCII.
    /// - Throws: an error if it contains a byte that is allowed in no part of a target.
    private static func isVisibleASCII(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(RequestError) -> Bool
    {
        var isASCII = true
        for index in range {
            let byte = bytes[index]
            guard byte <= ASCII.space || byte >= ASCII.delete || byte == ASCII.numberSign else { continue }
            guard byte > ASCII.delete else { throw forbiddenCharacter }
            isASCII = false
        }
        return isASCII
    }

    /// Whether the bytes beyond ASCII are all after the `?`, and the query is valid UTF-8.
    private static func isRawOnly(_ bytes: Span<UInt8>, _ range: Range<Int>, behind mark: Int?) -> Bool {
        guard let mark else { return false }
        for index in range.lowerBound..<mark where bytes[index] > ASCII.delete { return false }
        let query = [UInt8](copying: bytes.extracting((mark &+ 1)..<range.upperBound))
        return String(validating: query, as: UTF8.self) != nil
    }

    private static var forbiddenCharacter: RequestError {
        RequestError(.target, "The request target contains a character that is not allowed.")
    }

    private static func tunnel(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(RequestError) -> Range<Int> {
        guard HostSyntax.isValidWithPort(bytes, range) else {
            throw RequestError(.target, "CONNECT needs a host and a port as its target.")
        }
        return range
    }

    /// Returns the authority, if the form has one, and the index at which the path starts.
    private static func split(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ method: HTTPRequest.Method
    ) throws(RequestError) -> (authority: Range<Int>?, pathStart: Int) {
        let first = bytes[range.lowerBound]
        if first == ASCII.slash { return (nil, range.lowerBound) }
        if first == ASCII.asterisk, range.count == 1, method == .options { return (nil, range.lowerBound) }
        return try absolute(bytes, range)
    }

    private static func absolute(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(RequestError) -> (authority: Range<Int>?, pathStart: Int) {
        guard let start = authorityStart(bytes, range) else {
            throw RequestError(.target, "The request target is neither a path nor an http URI.")
        }
        var end = start
        while end < range.upperBound, bytes[end] != ASCII.slash, bytes[end] != ASCII.questionMark {
            end &+= 1
        }
        guard HostSyntax.isValid(bytes, start..<end) else {
            throw RequestError(.target, "The request target has no valid host.")
        }
        return (start..<end, end)
    }

    private static func authorityStart(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        for scheme in ["http://", "https://"] {
            let end = range.lowerBound &+ scheme.utf8.count
            guard end <= range.upperBound else { return nil }
            if ByteScan.equals(bytes, range.lowerBound..<end, ignoringCase: scheme) { return end }
        }
        return nil
    }
}
