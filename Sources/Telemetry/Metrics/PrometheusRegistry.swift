package import Metrics
import Synchronization

/// The registry of all metrics of the process, for swift-metrics and for Prometheus.
///
/// Making a metric takes a lock and a look-up, but using it takes neither. So make it once and keep it. A name
/// belongs to one kind of metric and has at most `maxSeriesPerName` series. A metric beyond that works but is not
/// exposed; `telemetry_unexposed_series` counts the requests for such metrics.
///
/// ```swift
/// let registry = PrometheusRegistry()
/// registry.describe("harbor_fixes", "Fixes accepted.")
/// let accepted = registry.counter("harbor_fixes")
/// accepted.increment()
/// ```
package final class PrometheusRegistry: Sendable {
    /// The upper bounds of a histogram's buckets. If its name ends with `_seconds`, they are seconds from 1 ms
    /// on, because a status read takes less than that and a commit little more. Otherwise they are powers of
    /// two, for counts.
    static func bounds(of name: String) -> [Double] {
        name.hasSuffix("_seconds")
            ? [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
            : (0...12).map { Double(1 << $0) }
    }

    struct State {
        var families: [String: MetricFamily] = [:]
        var help: [String: String] = [:]
        var collectors: [@Sendable (inout MetricCollector) -> Void] = []
        var unexposed = 0
    }

    private let maxSeriesPerName: Int
    private let state = Mutex(State())

    /// Makes an empty registry.
    ///
    /// - Parameter maxSeriesPerName: the most series of one name. Default 1,000.
    package init(maxSeriesPerName: Int = 1000) { self.maxSeriesPerName = maxSeriesPerName }

    /// Sets the description of a metric.
    ///
    /// - Parameter name: the name with which the metric is made; for a counter, with or without `_total`.
    package func describe(_ name: String, _ help: String) {
        let name = MetricName.counterBase(MetricName.metric(name))
        state.withLock { $0.help[name] = help }
    }

    /// Adds a collector, which reads values at each scrape. It runs on the scraping thread and must be quick.
    package func collect(_ collector: @escaping @Sendable (inout MetricCollector) -> Void) {
        state.withLock { $0.collectors.append(collector) }
    }

    /// The counter with a name and labels. The same name and labels give the same counter.
    package func counter(_ name: String, labels: [(String, String)] = []) -> PrometheusCounter {
        let name = MetricName.counterBase(MetricName.metric(name))
        let series = series(name, .counter, labels, .counter(PrometheusCounter()))
        if case .counter(let counter)? = series { return counter }
        return PrometheusCounter()
    }

    /// The gauge with a name and labels. The same name and labels give the same gauge.
    package func gauge(_ name: String, labels: [(String, String)] = []) -> PrometheusGauge {
        let series = series(MetricName.metric(name), .gauge, labels, .gauge(PrometheusGauge()))
        if case .gauge(let gauge)? = series { return gauge }
        return PrometheusGauge()
    }

    /// The histogram with a name and labels. The same name and labels give the same histogram.
    package func histogram(_ name: String, labels: [(String, String)] = []) -> PrometheusHistogram {
        let name = MetricName.metric(name)
        let series = series(
            name, .histogram, labels, .histogram(PrometheusHistogram(bounds: Self.bounds(of: name))))
        if case .histogram(let histogram)? = series { return histogram }
        return PrometheusHistogram(bounds: Self.bounds(of: name))
    }

    /// The series with a name and labels. It is made if it does not exist; nil when it cannot be exposed.
    private func series(
        _ name: String, _ kind: MetricKind, _ labels: [(String, String)],
        _ made: @autoclosure () -> MetricSeries
    ) -> MetricSeries? {
        let labels = MetricLabels(labels)
        return state.withLock { state in
            var family = state.families[name] ?? MetricFamily(kind: kind)
            if family.kind == kind, let series = family.series[labels] { return series }
            guard family.kind == kind, family.series.count < maxSeriesPerName else {
                state.unexposed += 1
                return nil
            }
            let series = made()
            family.series[labels] = series
            state.families[name] = family
            return series
        }
    }

    /// All metrics to expose now. The collectors run without the lock.
    func snapshot() -> (families: [String: MetricFamily], help: [String: String]) {
        let (families, help, collectors, unexposed) = state.withLock {
            ($0.families, $0.help, $0.collectors, $0.unexposed)
        }
        var collector = MetricCollector()
        if unexposed > 0 { collector.gauge("telemetry_unexposed_series", Double(unexposed)) }
        for collect in collectors { collect(&collector) }
        return (families.merging(collector.families) { held, _ in held }, help)
    }
}

extension PrometheusRegistry: MetricsFactory {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, labels: dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, labels: dimensions)
    }

    /// A recorder that aggregates is a histogram; any other is a gauge.
    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        aggregate ? histogram(label, labels: dimensions) : gauge(label, labels: dimensions)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, labels: dimensions)
    }

    // Nothing is destroyed: the metrics of a server live as long as the server.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}
