/// Parses a list of names with weights, as in `Accept` and similar fields (RFC 9110 section 12.4).
struct WeightedList: Sendable {
    /// A parameter other than `q`.
    struct Parameter: Sendable, Equatable {
        /// The name in lower case.
        let name: String
        /// The value in lower case, without quotes.
        let value: String
    }

    /// One element.
    struct Element: Sendable, Equatable {
        /// The name in lower case.
        let name: String
        let parameters: [Parameter]
        /// Its weight; 1 if it has no `q`.
        let quality: QualityValue
    }

    let elements: [Element]

    /// Parses a field's value. Malformed elements are ignored.
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

    /// Parses one parameter; nil if it has no `=`.
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
