/// The codings of all `Transfer-Encoding` lines in order (RFC 9112 section 6.1).
struct TransferCodings: Sendable {
    /// Whether there was any line.
    private(set) var isPresent = false
    /// Whether `chunked` is the last coding.
    private(set) var endsChunked = false
    /// Whether a coding other than `chunked` was named.
    private(set) var hasOthers = false

    /// Takes one line into account; what follows `chunked`, or is no coding, is refused.
    mutating func note(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(RequestError) {
        isPresent = true
        var cursor = value.lowerBound
        while let element = ListSyntax.nextElement(bytes, &cursor, end: value.upperBound) {
            guard !endsChunked, let first = element.first, ASCII.isToken(bytes[first]) else {
                throw RequestError(.framing, "Transfer-Encoding does not end with one chunked coding.")
            }
            if ByteScan.equals(bytes, element, ignoringCase: "chunked") {
                endsChunked = true
            } else {
                hasOthers = true
            }
        }
    }
}
