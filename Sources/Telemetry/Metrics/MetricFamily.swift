/// The labels of one series, in the order of their names.
struct MetricLabels: Sendable, Hashable {
    let pairs: [Pair]

    struct Pair: Sendable, Hashable {
        let name: String
        let value: String
    }

    init(_ dimensions: [(String, String)]) {
        var names: Set<String> = []
        // A name may occur only once. Of repeated names the first is kept.
        pairs = dimensions.map { Pair(name: MetricName.label($0.0), value: $0.1) }
            .filter { names.insert($0.name).inserted }
            .sorted { $0.name < $1.name }
    }
}

/// The kind of a metric.
package enum MetricKind: String, Sendable {
    case counter, gauge, histogram
}

/// All series of one metric's name.
struct MetricFamily: Sendable {
    let kind: MetricKind
    /// The description that its collector gave; nil without one.
    var help: String?
    var series: [MetricLabels: MetricSeries] = [:]
}

/// The source of one series' numbers.
enum MetricSeries: Sendable {
    case counter(PrometheusCounter)
    case gauge(PrometheusGauge)
    case histogram(PrometheusHistogram)
    /// A number that a collector read for this scrape.
    case value(Double)
    /// A histogram that a collector read for this scrape.
    case counts(bounds: [Double], counts: [UInt64], sum: Double)

    /// The current numbers, for the exposition.
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
