/// Collects the values of metrics that are read at each scrape, with their descriptions.
package struct MetricCollector {
    private(set) var families: [String: MetricFamily] = [:]

    init() {}

    /// Adds a value that rises and falls, such as `harbor_mailbox_messages`.
    package mutating func gauge(
        _ name: String, _ value: Double, _ help: String? = nil, labels: [(String, String)] = []
    ) {
        add(MetricName.metric(name), .gauge, help, .value(value), labels)
    }

    /// Adds a value that only rises. It is exposed with `_total` at the end of its name.
    package mutating func counter(
        _ name: String, _ value: Double, _ help: String? = nil, labels: [(String, String)] = []
    ) {
        add(MetricName.counterBase(MetricName.metric(name)), .counter, help, .value(value), labels)
    }

    /// Adds a histogram whose values were counted elsewhere.
    /// - Parameters:
    ///   - bounds: the upper bounds of the buckets in ascending order, without infinity.
    ///   - counts: the number of values in each bucket, not cumulative; one more than there are bounds.
    ///   - sum: the sum of all values.
    package mutating func histogram(
        _ name: String, bounds: [Double], counts: [UInt64], sum: Double, _ help: String? = nil,
        labels: [(String, String)] = []
    ) {
        add(
            MetricName.metric(name), .histogram, help, .counts(bounds: bounds, counts: counts, sum: sum),
            labels)
    }

    private mutating func add(
        _ name: String, _ kind: MetricKind, _ help: String?, _ series: MetricSeries,
        _ labels: [(String, String)]
    ) {
        var family = families[name] ?? MetricFamily(kind: kind, help: help)
        // Two kinds of metric with one name would make the whole scrape invalid, so only the first is kept.
        guard family.kind == kind else { return }
        family.series[MetricLabels(labels)] = series
        families[name] = family
    }
}
