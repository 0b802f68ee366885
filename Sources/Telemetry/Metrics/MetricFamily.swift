/// Label names and values of one series, in the order of their names.
struct MetricLabels: Sendable, Hashable {
    let pairs: [Pair]

    struct Pair: Sendable, Hashable {
        let name: String
        let value: String
    }

    init(_ dimensions: [(String, String)]) {
        var names: Set<String> = []
        // A name may occur once only; of repeats the first stays.
        pairs = dimensions.map { Pair(name: MetricName.label($0.0), value: $0.1) }
            .filter { names.insert($0.name).inserted }
            .sorted { $0.name < $1.name }
    }
}

/// What kind of numbers a family has.
package enum MetricKind: String, Sendable {
    case counter, gauge, histogram
}

/// All series of one name.
struct MetricFamily: Sendable {
    let kind: MetricKind
    /// What it means, where its collector says so.
    var help: String?
    var series: [MetricLabels: MetricSeries] = [:]
}

/// The source of one series' numbers.
enum MetricSeries: Sendable {
    case counter(PrometheusCounter)
    case gauge(PrometheusGauge)
    case histogram(PrometheusHistogram)
    /// Read at scrape time.
    case value(Double)
    /// A histogram, read at scrape time.
    case counts(bounds: [Double], counts: [UInt64], sum: Double)

    /// What the exposition needs of it.
    var sample: MetricSample {
        switch self {
        case .counter(let counter): .number(Double(counter.value))
        case .gauge(let gauge): .number(gauge.value)
        case .value(let value): .number(value)
        case .counts(let bounds, let counts, let sum): .histogram(bounds: bounds, counts: counts, sum: sum)
        case .histogram(let histogram):
            .histogram(bounds: histogram.bounds, counts: histogram.counts, sum: histogram.sum)
        }
    }
}

/// The numbers of one series at one instant.
enum MetricSample: Sendable {
    case number(Double)
    case histogram(bounds: [Double], counts: [UInt64], sum: Double)
}
