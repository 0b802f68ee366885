/// Checks the IP address between the brackets of a host (RFC 3986 section 3.2.2).
enum IPLiteral {
    static func isValid(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        isVersion6(bytes, range) || isFuture(bytes, range)
    }

    /// Checks an IPv6 address: eight groups of 16 bits, of which the last two may be an IPv4 address. One `::` may
    /// replace one or more groups.
    private static func isVersion6(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        var groups = 0
        var isShortened = skipDoubleColon(bytes, &index, range.upperBound)
        while index < range.upperBound {
            let end = hexEnd(bytes, index..<range.upperBound)
            if end < range.upperBound, bytes[end] == ASCII.dot {
                guard isVersion4(bytes, index..<range.upperBound) else { return false }
                groups &+= 2
                break
            }
            guard (1...4).contains(end &- index) else { return false }
            groups &+= 1
            index = end
            guard index < range.upperBound else { break }
            guard skipSeparator(bytes, &index, range.upperBound, &isShortened) else { return false }
        }
        return isShortened ? groups <= 7 : groups == 8
    }

    private static func skipDoubleColon(_ bytes: Span<UInt8>, _ index: inout Int, _ end: Int) -> Bool {
        guard index &+ 1 < end, bytes[index] == ASCII.colon, bytes[index &+ 1] == ASCII.colon else {
            return false
        }
        index &+= 2
        return true
    }

    /// Skips a colon that is not the last byte, or the first double colon.
    private static func skipSeparator(
        _ bytes: Span<UInt8>, _ index: inout Int, _ end: Int, _ isShortened: inout Bool
    ) -> Bool {
        if skipDoubleColon(bytes, &index, end) {
            defer { isShortened = true }
            return !isShortened
        }
        guard bytes[index] == ASCII.colon, index &+ 1 < end else { return false }
        index &+= 1
        return true
    }

    private static func hexEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        var index = range.lowerBound
        while index < range.upperBound, ASCII.hexValue(bytes[index]) != nil { index &+= 1 }
        return index
    }

    /// Checks an IPv4 address: four numbers up to 255 without leading zeros.
    private static func isVersion4(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        for part in 0..<4 {
            let start = index
            var value = 0
            while index < range.upperBound, index &- start < 3, ASCII.isDigit(bytes[index]) {
                value = value &* 10 &+ Int(bytes[index] &- ASCII.zero)
                index &+= 1
            }
            let length = index &- start
            guard length > 0, value < 256, length == 1 || bytes[start] != ASCII.zero else { return false }
            guard part < 3 else { break }
            guard index < range.upperBound, bytes[index] == ASCII.dot else { return false }
            index &+= 1
        }
        return index == range.upperBound
    }

    /// Checks an address of a future version: `v`, the version in hexadecimal digits, a dot, and one
    /// or more characters.
    private static func isFuture(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard let first = range.first, ASCII.lowercased(bytes[first]) == 0x76 else { return false }
        let end = hexEnd(bytes, (first &+ 1)..<range.upperBound)
        guard end > first &+ 1, end &+ 1 < range.upperBound, bytes[end] == ASCII.dot else { return false }
        for index in (end &+ 1)..<range.upperBound {
            let byte = bytes[index]
            guard byte == ASCII.colon || byte != ASCII.percent && ASCII.isHostName(byte) else { return false }
        }
        return true
    }
}
