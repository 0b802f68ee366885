/// Collects the codings of all `Transfer-Encoding` lines in order (RFC 9112 section 6.1).
struct TransferCodings: Sendable {
    /// Whether there was at least one line.
    private(set) var isPresent = false
    /// Whether `chunked` is the last coding.
    private(set) var endsChunked = false
    /// Whether a coding other than `chunked` was named.
    private(set) var hasOthers = false

    /// Records one line. Throws if a coding follows `chunked`, or if an element is not a coding.
    mutating func note(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(RequestError) {
        isPresent = true
        var cursor = value.lowerBound
        while let element = ListSyntax.nextElement(bytes, &cursor, end: value.upperBound) {
            guard !endsChunked, let first = element.first, ASCII.isToken(bytes[first]) else {
                throw RequestError(.framing, "Transfer-Encoding is malformed, or has a coding after chunked.")
            }
            if ByteScan.equals(bytes, element, ignoringCase: "chunked") {
                endsChunked = true
            } else {
                hasOthers = true
            }
        }
    }
}
