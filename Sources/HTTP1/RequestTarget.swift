import HTTPTypes

/// The target of a request line in one of the four forms of RFC 9112 section 3.2.
struct RequestTarget: Sendable {
    /// The path; empty where an absolute form has none, which means `/`.
    let path: ByteRange
    /// What follows the first `?`; nil when there is none.
    let query: ByteRange?
    /// Host and port of the absolute and the authority form; nil otherwise.
    let authority: ByteRange?

    /// The target of what is no request.
    static let none = RequestTarget(path: .empty, query: nil, authority: nil)

    private init(path: ByteRange, query: ByteRange?, authority: ByteRange?) {
        self.path = path
        self.query = query
        self.authority = authority
    }

    /// Reads a target. Only visible ASCII without `#` may stand in it (RFC 3986 appendix A), and in its query also UTF-8
    /// that should have been percent-encoded: clients send it, and it has one reading only.
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

    /// - Returns: false when bytes beyond ASCII are among them.
    /// - Throws: for what no part of a target may hold.
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

    /// Whether bytes beyond ASCII stand behind the `?` only, and are UTF-8.
    private static func isRawOnly(_ bytes: Span<UInt8>, _ range: Range<Int>, behind mark: Int?) -> Bool {
        guard let mark else { return false }
        for index in range.lowerBound..<mark where bytes[index] > ASCII.delete { return false }
        let query = [UInt8](copying: bytes.extracting((mark &+ 1)..<range.upperBound))
        return String(validating: query, as: UTF8.self) != nil
    }

    private static var forbiddenCharacter: RequestError {
        RequestError(.target, "The request target holds a character that none may hold.")
    }

    private static func tunnel(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(RequestError) -> Range<Int> {
        guard HostSyntax.isValidWithPort(bytes, range) else {
            throw RequestError(.target, "CONNECT needs a host and a port as its target.")
        }
        return range
    }

    /// The authority, if the form has one, and where the path starts.
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
