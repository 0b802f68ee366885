package import Telemetry

/// One part of a server: its running children, its health checks and its metrics.
///
/// A server is a list of services in start order. Its supervision tree, `/ready` and `/metrics` are made
/// from that list.
///
/// ```swift
/// let services = [database.service, recorder.service, endpoint.service]
/// let supervisor = Supervisor(name: "server", strategy: .restForOne, children: services.flatMap(\.children))
/// ```
package struct Service: Sendable {
    /// The children in start order.
    package var children: [ChildSpec]
    /// The health checks, by their names in `/ready`. Each runs at every request of `/ready` and must return at once,
    /// from memory.
    package var checks: [String: @Sendable () -> HealthCheck]
    /// The description of each metric, by its name.
    package var metrics: [String: String]
    /// Reads at each scrape the metrics that are not updated when they change. It must be quick.
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
