/// Checks `uri-host [ ":" port ]` (RFC 9110 section 7.2, RFC 3986 section 3.2.2). User information is not allowed.
enum HostSyntax {
    /// Whether the range is a host with an optional port.
    static func isValid(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard let end = hostEnd(bytes, range), end > range.lowerBound else { return false }
        return end == range.upperBound || isPort(bytes, end..<range.upperBound)
    }

    /// Whether the range is a host with a non-empty port, which is the authority form of CONNECT.
    static func isValidWithPort(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard isValid(bytes, range), let end = hostEnd(bytes, range) else { return false }
        return range.upperBound &- end > 1
    }

    private static func hostEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard let first = range.first else { return nil }
        if bytes[first] == ASCII.openBracket { return literalEnd(bytes, range) }
        return nameEnd(bytes, range)
    }

    /// The end of a registered name. Its grammar allows a comma, but we refuse it: a proxy may have joined two Host
    /// lines with one.
    private static func nameEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound, ASCII.isHostName(bytes[index]) {
            guard bytes[index] != ASCII.percent || isEscape(bytes, index..<range.upperBound) else {
                return nil
            }
            index &+= 1
        }
        return index
    }

    private static func isEscape(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count > 2 else { return false }
        let first = range.lowerBound &+ 1
        return ASCII.hexValue(bytes[first]) != nil && ASCII.hexValue(bytes[first &+ 1]) != nil
    }

    /// The end of an IP literal, after its closing bracket.
    private static func literalEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard let end = ByteScan.first(ASCII.closeBracket, in: bytes, range) else { return nil }
        return IPLiteral.isValid(bytes, (range.lowerBound &+ 1)..<end) ? end &+ 1 : nil
    }

    private static func isPort(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard bytes[range.lowerBound] == ASCII.colon, range.count <= 6 else { return false }
        for index in range.dropFirst() where !ASCII.isDigit(bytes[index]) { return false }
        return true
    }
}
