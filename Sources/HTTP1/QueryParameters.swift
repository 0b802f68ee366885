/// Parses the parameters of a query: `name=value` pairs as HTML forms encode them (WHATWG URL section 5.1).
///
/// A `+` becomes a space, and `%XX` is decoded once. A broken escape is kept, and bytes that are not UTF-8 are
/// replaced, so every query can be parsed.
package struct QueryParameters: Sendable, Equatable {
    /// All pairs in order, decoded.
    package let pairs: [Pair]

    /// One parameter.
    package struct Pair: Sendable, Equatable {
        /// The text before the first `=`.
        package let name: String
        /// The text after the first `=`; empty if there is none.
        package let value: String
    }

    /// Parses a raw query, without its `?`; nil means an empty query.
    package init(_ query: String?) {
        let parts = (query ?? "").utf8.split(separator: ASCII.ampersand)
        pairs = parts.map { part in
            let mark = part.firstIndex(of: ASCII.equals)
            let name = part[..<(mark ?? part.endIndex)]
            let value = mark.map { part[part.index(after: $0)...] }
            return Pair(name: Self.decode(Array(name)), value: value.map { Self.decode(Array($0)) } ?? "")
        }
    }

    /// The first value of a name; nil if the query lacks it.
    package subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    private static func decode(_ bytes: [UInt8]) -> String {
        let unescaped = PercentDecoding.unescaped(bytes) { $0 == ASCII.plus ? ASCII.space : $0 }
        return String(decoding: unescaped, as: UTF8.self)
    }
}
