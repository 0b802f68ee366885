/// Takes in values that are read when metrics are scraped, and what each of them means.
package struct MetricCollector {
    private(set) var families: [String: MetricFamily] = [:]

    init() {}

    /// A present value, `harbor_mailbox_messages`.
    package mutating func gauge(
        _ name: String, _ value: Double, _ help: String? = nil, labels: [(String, String)] = []
    ) {
        add(MetricName.metric(name), .gauge, help, .value(value), labels)
    }

    /// A value that only rises; exposed with `_total` behind its name.
    package mutating func counter(
        _ name: String, _ value: Double, _ help: String? = nil, labels: [(String, String)] = []
    ) {
        add(MetricName.counterBase(MetricName.metric(name)), .counter, help, .value(value), labels)
    }

    /// How often values fell under given bounds, counted elsewhere.
    /// - Parameters:
    ///   - bounds: upper bounds, rising, without infinity.
    ///   - counts: per bucket, not cumulative; one more than there are bounds.
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
        // Two kinds under one name would make the whole scrape invalid: the first stays.
        guard family.kind == kind else { return }
        family.series[MetricLabels(labels)] = series
        families[name] = family
    }
}
