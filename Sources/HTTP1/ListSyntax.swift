/// Splits lists in field values. Their separator is a comma (RFC 9110 section 5.6.1); that of an element's parameters
/// is a semicolon (section 5.6.6).
enum ListSyntax {
    /// The next element of a list, without blanks around it; nil at the list's end. An empty element is an empty range.
    ///
    /// Separators in quoted strings are part of the element. `cursor` must begin at the value's start.
    static func nextElement(
        _ bytes: Span<UInt8>, _ cursor: inout Int, end: Int, separator: UInt8 = ASCII.comma
    )
        -> Range<Int>?
    {
        guard cursor <= end else { return nil }
        let start = cursor
        let stop = elementEnd(bytes, start..<end, separator)
        cursor = stop &+ 1
        return ByteScan.trimmed(bytes, start..<stop)
    }

    private static func elementEnd(_ bytes: Span<UInt8>, _ range: Range<Int>, _ separator: UInt8) -> Int {
        var isQuoted = false
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == ASCII.quote {
                isQuoted.toggle()
            } else if isQuoted, byte == ASCII.backslash {
                index &+= 1
            } else if !isQuoted, byte == separator {
                return index
            }
            index &+= 1
        }
        return range.upperBound
    }
}
