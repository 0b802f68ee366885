/// The first line of a request's or a response's head.
protocol StartLine: Sendable {
    /// The kind of error for a line that is longer than the limit.
    static var tooLong: RequestError.Kind { get }

    init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(RequestError)
}

/// Parses a message's head as it arrives: its first line and its field lines (RFC 9112 section 2.1).
///
/// The rules for the head as a whole are checked once it is complete, see `RequestHeadScanner` and
/// `ResponseHeadScanner`.
struct MessageHeadScanner<Line: StartLine>: HeadScanner {
    private let limits: HTTPLimits
    private var lines = LineScanner()
    private(set) var line: Line?
    private(set) var block: FieldBlock
    private(set) var facts = FramingFields()

    init(limits: HTTPLimits) {
        self.limits = limits
        block = FieldBlock(start: 0, limits: limits)
    }

    var maximumBytes: Int { limits.headMaximumBytes }

    mutating func scan(_ bytes: Span<UInt8>) throws(RequestError) -> Int? {
        do throws(RequestError) {
            return try scanLines(bytes)
        } catch {
            throw error.of(bytes)
        }
    }

    private mutating func scanLines(_ bytes: Span<UInt8>) throws(RequestError) -> Int? {
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
        guard let range = try lines.nextLine(bytes, limit: limits.requestLineBytes, else: Line.tooLong) else {
            return false
        }
        line = try Line(bytes, range)
        block = FieldBlock(start: lines.lineStart, limits: limits)
        return true
    }
}
