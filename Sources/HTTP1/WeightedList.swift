/// A list of names with weights, as `Accept` and its kin have (RFC 9110 section 12.4).
struct WeightedList: Sendable {
    /// One element; other parameters than `q` are dropped.
    struct Element: Sendable, Equatable {
        /// The name in small letters.
        let name: String
        /// Its weight.
        let quality: QualityValue
    }

    let elements: [Element]

    /// Reads a field's value; elements that are malformed are left out, as if they were not sent.
    init(_ value: String) {
        let bytes = Array(value.utf8)
        var found: [Element] = []
        var cursor = 0
        while let range = ListSyntax.nextElement(bytes.span, &cursor, end: bytes.count) {
            if let element = Self.element(bytes.span, range) { found.append(element) }
        }
        elements = found
    }

    private static func element(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Element? {
        var cursor = range.lowerBound
        let separator = ASCII.semicolon
        guard let name = ListSyntax.nextElement(bytes, &cursor, end: range.upperBound, separator: separator),
            !name.isEmpty
        else { return nil }
        var quality = QualityValue.one
        while let part = ListSyntax.nextElement(bytes, &cursor, end: range.upperBound, separator: separator) {
            guard part.count >= 2, ByteScan.equals(bytes, part.prefix(2), ignoringCase: "q=") else {
                continue
            }
            guard let found = QualityValue(bytes, part.dropFirst(2)) else { return nil }
            quality = found
        }
        let letters = name.map { ASCII.lowercased(bytes[$0]) }
        return Element(name: String(decoding: letters, as: UTF8.self), quality: quality)
    }
}
