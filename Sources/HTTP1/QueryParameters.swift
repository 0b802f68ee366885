/// The parameters of a query: `name=value` pairs as forms write them (WHATWG URL section 5.1).
///
/// A `+` is a space, `%XX` is decoded once; a broken escape stays as it is and what is not UTF-8 is replaced,
/// so that every query has a reading.
package struct QueryParameters: Sendable, Equatable {
    /// All pairs in order, decoded.
    package let pairs: [Pair]

    /// One parameter.
    package struct Pair: Sendable, Equatable {
        /// What stands before the first `=`.
        package let name: String
        /// What stands behind it; empty when there is none.
        package let value: String
    }

    /// Reads a raw query, without its `?`; nil is an empty one.
    package init(_ query: String?) {
        let parts = (query ?? "").utf8.split(separator: ASCII.ampersand)
        pairs = parts.map { part in
            let mark = part.firstIndex(of: ASCII.equals)
            let name = part[..<(mark ?? part.endIndex)]
            let value = mark.map { part[part.index(after: $0)...] }
            return Pair(name: Self.decode(Array(name)), value: value.map { Self.decode(Array($0)) } ?? "")
        }
    }

    /// The first value of a name; nil when there is none.
    package subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    private static func decode(_ bytes: [UInt8]) -> String {
        let unescaped = PercentDecoding.unescaped(bytes) { $0 == ASCII.plus ? ASCII.space : $0 }
        return String(decoding: unescaped, as: UTF8.self)
    }
}
