/// A request's query as names and values, decoded as HTML forms encode them (`+` is a space).
package struct Query: Sendable, Equatable {
    /// Names and values in the order sent.
    package let items: [(name: String, value: String)]

    /// Splits `raw` at `&` and `=`; nil is an empty query. A broken percent-encoding stays as it was sent.
    package init(_ raw: String?) {
        let pairs = (raw ?? "").utf8.split(separator: UInt8(ascii: "&"))
        items = pairs.map { pair in
            let parts = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
    }

    /// The first value with this name.
    package subscript(name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// All values with this name.
    package func values(for name: String) -> [String] {
        items.filter { $0.name == name }.map(\.value)
    }

    package static func == (left: Query, right: Query) -> Bool {
        left.items.elementsEqual(right.items) { $0 == $1 }
    }

    private static func decoded(_ part: Substring.UTF8View.SubSequence) -> String {
        let spaced = part.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return String(decoding: PercentEncoding.decoded(spaced) ?? spaced, as: UTF8.self)
    }
}
