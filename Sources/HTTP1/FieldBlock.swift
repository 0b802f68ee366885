/// Parses the field lines of a head, or the trailers of a body, as they arrive (RFC 9112 section 5).
struct FieldBlock: Sendable {
    /// The result of one call of `next`.
    enum Step {
        /// One field line; there may be more.
        case field(FieldRange)
        /// The empty line was read; the block ends before this offset.
        case end(Int)
        /// The next line is not complete.
        case needsMore
    }

    private(set) var fields: [FieldRange] = []
    /// The offset of the first line.
    let start: Int
    let limits: HTTPLimits

    /// Parses the next line.
    mutating func next(
        _ bytes: Span<UInt8>, _ lines: inout LineScanner
    ) throws(RequestError) -> Step {
        let left = limits.headerBytes &- (lines.lineStart &- start) &- 2
        guard let line = try lines.nextLine(bytes, limit: max(0, left), else: .fieldsTooLarge) else {
            return .needsMore
        }
        guard !line.isEmpty else { return .end(lines.lineStart) }
        guard fields.count < limits.headerCount else {
            throw RequestError(.fieldsTooLarge, "There are too many field lines.")
        }
        let field = try Self.parse(bytes, line)
        if fields.isEmpty { fields.reserveCapacity(min(16, limits.headerCount)) }
        fields.append(field)
        return .field(field)
    }

    private static func parse(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(RequestError) -> FieldRange {
        var index = line.lowerBound
        while index < line.upperBound, ASCII.isToken(bytes[index]) { index &+= 1 }
        guard index < line.upperBound, bytes[index] == ASCII.colon, index > line.lowerBound else {
            throw fault(bytes[line.lowerBound])
        }
        let value = ByteScan.trimmed(bytes, (index &+ 1)..<line.upperBound)
        return FieldRange(name: ByteRange(line.lowerBound..<index), value: ByteRange(value))
    }

    /// RFC 9112 sections 5.1 (no blank before the colon) and 5.2 (line folding is refused).
    private static func fault(_ first: UInt8) -> RequestError {
        ASCII.isBlank(first)
            ? RequestError(.syntax, "A field line begins with white space.")
            : RequestError(.syntax, "A field line does not begin with a valid name and a colon.")
    }
}
