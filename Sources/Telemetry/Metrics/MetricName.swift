/// Makes names that Prometheus accepts (exposition formats, "Comments, help text, and type information").
enum MetricName {
    /// Makes a valid metric name: each byte that is not allowed becomes `_`.
    static func metric(_ name: String) -> String { sanitised(name, allowsColon: true) }

    /// Makes a valid label name. A name that starts with `__` gets a prefix, because Prometheus reserves such names.
    static func label(_ name: String) -> String {
        let label = sanitised(name, allowsColon: false)
        guard label.hasPrefix("__") else { return label }
        return "label" + label
    }

    /// The name without `_total`, which counters have only in samples.
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
