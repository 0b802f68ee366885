package import Telemetry

/// One part of a server: what of it runs, whether it works, and what it measures.
///
/// A server is a list of services in start order. Its supervision tree, `/ready` and `/metrics` are made from that list.
///
/// ```swift
/// let services = [database.service, recorder.service, endpoint.service]
/// let supervisor = Supervisor(name: "server", strategy: .restForOne, children: services.flatMap(\.children))
/// ```
package struct Service: Sendable {
    /// In start order.
    package var children: [ChildSpec]
    /// By their names in `/ready`. Each is asked at every `/ready` and must answer at once, from memory.
    package var checks: [String: @Sendable () -> HealthCheck]
    /// What each metric means, by its name.
    package var metrics: [String: String]
    /// Reads at each scrape the metrics that are not counted when they change. Must be quick.
    package var collect: @Sendable (inout MetricCollector) -> Void

    package init(
        _ children: ChildSpec..., checks: [String: @Sendable () -> HealthCheck] = [:],
        metrics: [String: String] = [:],
        collect: @escaping @Sendable (inout MetricCollector) -> Void = { _ in }
    ) {
        self.children = children
        self.checks = checks
        self.metrics = metrics
        self.collect = collect
    }
}
