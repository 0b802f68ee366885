package import HTTP1

/// Everything that a `RequestParser` finds in some bytes, as values that can be compared.
///
/// The transcript must be the same however the bytes are split.
package struct RequestTranscript: Sendable, Equatable {
    /// One request: its head as sent, its body joined, and whether its end was reached.
    package struct Request: Sendable, Equatable {
        /// The bytes of the head.
        package let head: [UInt8]
        /// The body so far.
        package var body: [UInt8] = []
        /// Whether the parser reported its end.
        package var isComplete = false
    }

    /// The requests in order.
    package private(set) var requests: [Request] = []
    /// The error that ended the parsing, if any.
    package private(set) var error: RequestError?

    /// Parses `bytes` in pieces of `pieceBytes` (at least 1), each passed by itself.
    package init(_ bytes: [UInt8], pieceBytes: Int = Int.max, limits: HTTPLimits = HTTPLimits()) {
        let step = min(max(1, pieceBytes), max(1, bytes.count))
        let starts = stride(from: 0, to: bytes.count, by: step)
        self.init(
            pieces: starts.map { Array(bytes[$0..<min($0 &+ step, bytes.count)]) }, limits: limits)
    }

    /// Parses pieces, each passed by itself.
    package init(pieces: [[UInt8]], limits: HTTPLimits = HTTPLimits()) {
        var cache = HeadCache()
        self.init(pieces: pieces, limits: limits, cache: &cache)
    }

    /// Parses pieces, each passed by itself, with a cache of earlier heads.
    package init(pieces: [[UInt8]], limits: HTTPLimits = HTTPLimits(), cache: inout HeadCache) {
        var parser = RequestParser()
        do throws(RequestError) {
            for piece in pieces { try take(piece, &parser, limits, &cache) }
        } catch {
            self.error = error
        }
    }

    private mutating func take(
        _ piece: [UInt8], _ parser: inout RequestParser, _ limits: HTTPLimits, _ cache: inout HeadCache
    ) throws(RequestError) {
        var offset = 0
        while let event = try parser.next(piece.span, &offset, limits: limits, cache: &cache) {
            switch event {
            case .head(let head): requests.append(Request(head: head.bytes))
            case .request(let head): requests.append(Request(head: head.bytes, isComplete: true))
            case .body(let range): requests[requests.count - 1].body += piece[range]
            case .end: requests[requests.count - 1].isComplete = true
            }
        }
    }
}
