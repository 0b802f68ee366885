/// Finds the lines of a head in bytes that may still be arriving, looking at each byte once.
///
/// A line ends in CRLF and holds no control byte but the tab; anything else is refused at once
/// (RFC 9112 section 2.2), so that no two readers can disagree where a line ends.
struct LineScanner: Sendable {
    /// Where the line that is being read starts.
    private(set) var lineStart = 0
    private var position = 0

    /// The next line without its CRLF; nil when it has not arrived whole.
    /// - Parameters:
    ///   - bytes: all that has arrived, from the head's start.
    ///   - limit: the longest line in bytes, without its CRLF.
    ///   - kind: the kind of error when the line is longer.
    mutating func nextLine(
        _ bytes: Span<UInt8>, limit: Int, else kind: RequestError.Kind
    ) throws(RequestError) -> Range<Int>? {
        position = ByteScan.firstControl(in: bytes, from: position)
        // Before the syntax, so that the verdict is the same however the bytes were cut.
        guard position &- lineStart <= limit else { throw RequestError(kind, "A line is too long.") }
        guard position < bytes.count else { return nil }
        guard bytes[position] == ASCII.carriageReturn else { throw Self.fault(bytes[position]) }
        guard position &+ 1 < bytes.count else { return nil }
        guard bytes[position &+ 1] == ASCII.lineFeed else {
            throw RequestError(.syntax, "A carriage return stands without a line feed.")
        }
        let line = lineStart..<position
        lineStart = position &+ 2
        position = lineStart
        return line
    }

    private static func fault(_ byte: UInt8) -> RequestError {
        byte == ASCII.lineFeed
            ? RequestError(.syntax, "A line feed stands without a carriage return.")
            : RequestError(.syntax, "A control character stands in the head.")
    }
}
