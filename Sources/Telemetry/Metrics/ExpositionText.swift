/// Builds the text of one scrape.
struct ExpositionText {
    private let format: ExpositionFormat
    private var bytes: [UInt8] = []

    init(format: ExpositionFormat) {
        self.format = format
        bytes.reserveCapacity(16_384)
    }

    mutating func append(_ name: String, _ family: MetricFamily, help: String?) {
        // The name of a counter's family lacks `_total` in OpenMetrics and has it in Prometheus text. Samples have it
        // in both.
        let sampleName = family.kind == .counter ? name + "_total" : name
        let familyName = format == .openMetrics ? name : sampleName
        appendHeader(familyName, family.kind, help)
        for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
            switch series.sample {
            case .number(let value): appendLine(sampleName, labels.pairs, Self.text(value))
            case .histogram(let bounds, let counts, let sum):
                appendHistogram(sampleName, labels, bounds, counts, sum)
            }
        }
    }

    func finished() -> [UInt8] {
        switch format {
        case .prometheus: bytes
        case .openMetrics: bytes + Array("# EOF\n".utf8)
        }
    }

    private mutating func appendHeader(_ name: String, _ kind: MetricKind, _ help: String?) {
        if let help {
            append("# HELP \(name) ")
            appendEscaped(help, quotes: format == .openMetrics)
            append("\n")
        }
        append("# TYPE \(name) \(kind.rawValue)\n")
    }

    private mutating func appendHistogram(
        _ name: String, _ labels: MetricLabels, _ bounds: [Double], _ counts: [UInt64], _ sum: Double
    ) {
        var cumulative: UInt64 = 0
        for (bound, count) in zip(bounds + [.infinity], counts) {
            cumulative &+= count
            let bucket = MetricLabels.Pair(name: "le", value: Self.text(bound))
            appendLine(name + "_bucket", labels.pairs.filter { $0.name != "le" } + [bucket], "\(cumulative)")
        }
        appendLine(name + "_sum", labels.pairs, Self.text(sum))
        appendLine(name + "_count", labels.pairs, "\(cumulative)")
    }

    private mutating func appendLine(_ name: String, _ labels: [MetricLabels.Pair], _ value: String) {
        append(name)
        for (index, label) in labels.enumerated() {
            append(index == 0 ? "{" : ",")
            append(label.name)
            append("=\"")
            appendEscaped(label.value, quotes: true)
            append("\"")
        }
        append(labels.isEmpty ? " " : "} ")
        append(value)
        append("\n")
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func appendEscaped(_ text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\"") where quotes: append("\\\"")
            default: bytes.append(byte)
            }
        }
    }

    /// A number in the syntax of both formats. Whole numbers keep their `.0`, which OpenMetrics requires for `le`.
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value.description
    }
}

extension MetricLabels: Comparable {
    static func < (left: MetricLabels, right: MetricLabels) -> Bool {
        left.pairs.lexicographicallyPrecedes(right.pairs) { ($0.name, $0.value) < ($1.name, $1.value) }
    }
}
