/// Names and labels as Prometheus takes them (exposition formats, "Comments, help text, and type information").
enum MetricName {
    /// A valid metric name: every other byte becomes `_`.
    static func metric(_ name: String) -> String { sanitised(name, allowsColon: true) }

    /// A valid label name. `__` in front is Prometheus's own.
    static func label(_ name: String) -> String {
        let label = sanitised(name, allowsColon: false)
        guard label.hasPrefix("__") else { return label }
        return "label" + label
    }

    /// Without the `_total` that counters carry in samples.
    static func counterBase(_ name: String) -> String {
        name.hasSuffix("_total") && name.count > 6 ? String(name.dropLast(6)) : name
    }

    private static func sanitised(_ name: String, allowsColon: Bool) -> String {
        var bytes = name.utf8.map { isValid($0, allowsColon) ? $0 : UInt8(ascii: "_") }
        if bytes.first.map(isDigit) ?? true { bytes.insert(UInt8(ascii: "_"), at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isValid(_ byte: UInt8, _ allowsColon: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
            true
        case UInt8(ascii: ":"): allowsColon
        default: isDigit(byte)
        }
    }
}
