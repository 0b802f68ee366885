/// The two text forms in which metrics are scraped.
package enum ExpositionFormat: Sendable, Equatable {
    /// Prometheus text, version 0.0.4.
    case prometheus
    /// OpenMetrics 1.0.
    case openMetrics

    /// The media type with its version.
    package var mediaType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4"
        case .openMetrics: "application/openmetrics-text; version=1.0.0"
        }
    }

    /// The value of `Content-Type`.
    package var contentType: String { mediaType + "; charset=utf-8" }
}

extension PrometheusRegistry {
    /// All metrics as text, in the order of their names. Calls the collectors. It costs about a microsecond per series.
    package func exposition(_ format: ExpositionFormat) -> [UInt8] {
        let (families, help) = snapshot()
        var text = ExpositionText(format: format)
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text.append(name, family, help: family.help ?? help[name] ?? help[MetricName.counterBase(name)])
        }
        return text.finished()
    }
}
