/// Takes in values that are read when metrics are scraped.
package struct MetricCollector {
    private(set) var families: [String: MetricFamily] = [:]

    init() {}

    /// A present value, `harbor_mailbox_messages`.
    package mutating func gauge(_ name: String, _ value: Double, labels: [(String, String)] = []) {
        add(MetricName.metric(name), .gauge, value, labels)
    }

    /// A value that only rises; exposed with `_total` behind its name.
    package mutating func counter(_ name: String, _ value: Double, labels: [(String, String)] = []) {
        add(MetricName.counterBase(MetricName.metric(name)), .counter, value, labels)
    }

    private mutating func add(
        _ name: String, _ kind: MetricKind, _ value: Double, _ labels: [(String, String)]
    ) {
        var family = families[name] ?? MetricFamily(kind: kind)
        // Two kinds under one name would make the whole scrape invalid: the first stays.
        guard family.kind == kind else { return }
        family.series[MetricLabels(labels)] = .value(value)
        families[name] = family
    }
}
