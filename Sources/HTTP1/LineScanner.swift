/// Finds the lines of a head while its bytes arrive. It examines each byte once.
///
/// A line ends in CRLF and contains no control byte except the tab. Anything else is refused at once (RFC 9112 section
/// 2.2), so that this server and a proxy cannot disagree about where a line ends.
struct LineScanner: Sendable {
    /// The offset of the current line.
    private(set) var lineStart = 0
    private var position = 0

    /// The next line without its CRLF; nil while it is incomplete.
    /// - Parameters:
    ///   - bytes: all bytes so far, from the head's start.
    ///   - limit: the longest line in bytes, without its CRLF.
    ///   - kind: the kind of error for a longer line.
    mutating func nextLine(
        _ bytes: Span<UInt8>, limit: Int, else kind: RequestError.Kind
    ) throws(RequestError) -> Range<Int>? {
        position = ByteScan.firstControl(in: bytes, from: position)
        // Check the length before the syntax, so that the error does not depend on how the bytes were split.
        guard position &- lineStart <= limit else { throw RequestError(kind, "A line is too long.") }
        guard position < bytes.count else { return nil }
        guard bytes[position] == ASCII.carriageReturn else { throw Self.fault(bytes[position]) }
        guard position &+ 1 < bytes.count else { return nil }
        guard bytes[position &+ 1] == ASCII.lineFeed else {
            throw RequestError(.syntax, "A carriage return has no line feed after it.")
        }
        let line = lineStart..<position
        lineStart = position &+ 2
        position = lineStart
        return line
    }

    private static func fault(_ byte: UInt8) -> RequestError {
        byte == ASCII.lineFeed
            ? RequestError(.syntax, "A line feed has no carriage return before it.")
            : RequestError(.syntax, "The head contains a control character.")
    }
}
