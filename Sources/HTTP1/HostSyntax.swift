/// `uri-host [ ":" port ]` (RFC 9110 section 7.2, RFC 3986 section 3.2.2), without user information.
enum HostSyntax {
    /// Whether the range is a host and an optional port.
    static func isValid(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard let end = hostEnd(bytes, range), end > range.lowerBound else { return false }
        return end == range.upperBound || isPort(bytes, end..<range.upperBound)
    }

    /// Whether the range is a host and a port that is not empty, the authority form of CONNECT.
    static func isValidWithPort(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard isValid(bytes, range), let end = hostEnd(bytes, range) else { return false }
        return range.upperBound &- end > 1
    }

    private static func hostEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard let first = range.first else { return nil }
        if bytes[first] == ASCII.openBracket { return literalEnd(bytes, range) }
        var index = first
        while index < range.upperBound, ASCII.isHostName(bytes[index]) { index &+= 1 }
        return index
    }

    /// An address in brackets; its digits are not judged, only that nothing else is inside.
    private static func literalEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var index = range.lowerBound &+ 1
        while index < range.upperBound, isLiteral(bytes[index]) { index &+= 1 }
        guard index < range.upperBound, bytes[index] == ASCII.closeBracket else { return nil }
        return index &- range.lowerBound > 2 ? index &+ 1 : nil
    }

    private static func isLiteral(_ byte: UInt8) -> Bool {
        byte == ASCII.colon || byte == ASCII.dot || ASCII.hexValue(byte) != nil
    }

    private static func isPort(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard bytes[range.lowerBound] == ASCII.colon, range.count <= 6 else { return false }
        for index in range.dropFirst() where !ASCII.isDigit(bytes[index]) { return false }
        return true
    }
}
