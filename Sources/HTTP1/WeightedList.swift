/// A list of names with weights, as `Accept` and its kin have (RFC 9110 section 12.4).
struct WeightedList: Sendable {
    /// A parameter other than `q`.
    struct Parameter: Sendable, Equatable {
        /// In small letters.
        let name: String
        /// In small letters, without quotes.
        let value: String
    }

    /// One element.
    struct Element: Sendable, Equatable {
        /// The name in small letters.
        let name: String
        let parameters: [Parameter]
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
        var parameters: [Parameter] = []
        while let part = ListSyntax.nextElement(bytes, &cursor, end: range.upperBound, separator: separator) {
            guard part.count >= 2, ByteScan.equals(bytes, part.prefix(2), ignoringCase: "q=") else {
                if let parameter = parameter(bytes, part) { parameters.append(parameter) }
                continue
            }
            guard let found = QualityValue(bytes, part.dropFirst(2)) else { return nil }
            quality = found
        }
        return Element(name: text(bytes, name), parameters: parameters, quality: quality)
    }

    /// nil for what has no `=`.
    private static func parameter(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Parameter? {
        guard let equals = ByteScan.first(ASCII.equals, in: bytes, range) else { return nil }
        var value = (equals &+ 1)..<range.upperBound
        if value.count >= 2, bytes[value.lowerBound] == ASCII.quote,
            bytes[value.upperBound &- 1] == ASCII.quote
        {
            value = value.dropFirst().dropLast()
        }
        return Parameter(name: text(bytes, range.lowerBound..<equals), value: text(bytes, value))
    }

    private static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        String(decoding: range.map { ASCII.lowercased(bytes[$0]) }, as: UTF8.self)
    }
}
