internal import HTTP1
internal import HTTPTypes

/// The request parser finds the same in the same bytes however they are cut and whatever it remembers, keeps its
/// limits, and reads a head that is written anew from what it understood as the same head.
enum RequestFuzz {
    /// Small, so that short inputs reach them.
    private static let limits = HTTPLimits(
        requestLineBytes: 96, headerBytes: 192, headerCount: 6, bodyBytes: 64)

    static func check(_ bytes: [UInt8]) {
        let whole = RequestTranscript(bytes, limits: limits)
        require(RequestTranscript(pieces: Pieces.single(bytes), limits: limits) == whole, "bytes")
        require(RequestTranscript(pieces: Pieces(bytes).all, limits: limits) == whole, "pieces")
        checkMemo(bytes, whole)
        for request in whole.requests { require(request.body.count <= limits.bodyBytes, "body limit") }
        heads(bytes).forEach(checkRewritten)
    }

    /// A cache changes nothing, neither where it learns nor where it knows.
    private static func checkMemo(_ bytes: [UInt8], _ whole: RequestTranscript) {
        var cache = HeadCache()
        let alone = cutBehindHeads(bytes, whole)
        for pieces in [[bytes], [bytes], alone, alone, Pieces(bytes).all] {
            require(RequestTranscript(pieces: pieces, limits: limits, cache: &cache) == whole, "cache")
        }
    }

    /// Cut where the first heads end: only a head that comes alone is looked for in a cache.
    private static func cutBehindHeads(_ bytes: [UInt8], _ whole: RequestTranscript) -> [[UInt8]] {
        var rest = bytes[...]
        var pieces: [[UInt8]] = []
        for request in whole.requests where request.head.count <= rest.count {
            pieces.append(Array(rest.prefix(request.head.count)))
            rest = rest.dropFirst(request.head.count)
        }
        return pieces + [Array(rest)]
    }

    private static func heads(_ bytes: [UInt8]) -> [RequestHead] {
        var heads: [RequestHead] = []
        var parser = RequestParser()
        var offset = 0
        while let event = try? parser.next(bytes.span, &offset, limits: limits) {
            if case .head(let head) = event { heads.append(head) }
        }
        return heads
    }

    private static func checkRewritten(_ head: RequestHead) {
        require(head.fields.count <= limits.headerCount, "header count")
        let version = head.version == .http11 ? "1.1" : "1.0"
        var text = "\(head.method.rawValue) \(head.target) HTTP/\(version)\r\n"
        for field in head.fields { text += "\(field.name.rawName): \(field.value)\r\n" }
        let again = heads(written: text + "\r\n")
        require(again.map(Understanding.init) == [Understanding(head)], "rewritten: \(text)")
    }

    /// With the usual limits: what was not UTF-8 in a field is longer now.
    private static func heads(written text: String) -> [RequestHead] {
        var parser = RequestParser()
        var offset = 0
        let event = try? parser.next(Array(text.utf8).span, &offset, limits: HTTPLimits())
        if case .head(let head) = event { return [head] }
        return []
    }

    /// All that a head tells its readers.
    private struct Understanding: Equatable {
        let method: HTTPRequest.Method
        let texts: [String?]
        let bodyFraming: BodyFraming
        let flags: [Bool]
        let fields: HTTPFields
        let values: [String?]

        init(_ head: RequestHead) {
            method = head.method
            texts = [head.target, head.path, head.query, head.authority]
            bodyFraming = head.bodyFraming
            flags = [head.keepAlive, head.expectsContinue, head.upgradesToWebSocket]
            fields = head.fields
            values = fields.map { head[$0.name] }
        }
    }
}
