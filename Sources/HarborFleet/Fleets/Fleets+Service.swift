package import StoreCache
package import Supervision
internal import Telemetry

extension Fleets {
    /// The trackers, and what keeps them true to the store, as a part of a server.
    /// - Parameters:
    ///   - executor: where the store is asked for its revision.
    ///   - onFailure: see `refresherSpec`.
    package func service(
        refreshingOn executor: any TaskExecutor, onFailure: @escaping @Sendable (StoreError) -> Void
    ) -> Service {
        Service(
            supervisor.childSpec, refresherSpec(onFailure: onFailure).running(on: executor), reconcilerSpec,
            checks: ["trackers": { self.check }], metrics: FleetMetrics.descriptions
        ) { self.collect(into: &$0) }
    }

    /// A quarantined fleet is told, but leaves the server ready: the others are served.
    private var check: HealthCheck {
        let count = quarantined.count
        return HealthCheck(.ok, count == 0 ? "all well" : "\(count) fleets are quarantined")
    }

    private func collect(into collector: inout MetricCollector) {
        let children = supervisor.tree.children
        let lengths = children.compactMap(\.mailboxLength)
        collector.gauge(
            "harbor_trackers", Double(enteredFleets.count { snapshot(of: $0) != nil }), "Trackers that serve."
        )
        collector.gauge(
            "harbor_tracker_mailbox_messages", Double(lengths.reduce(0, +)),
            "Messages that wait for trackers.")
        collector.gauge(
            "harbor_tracker_mailbox_longest", Double(lengths.max() ?? 0),
            "Messages that wait for the tracker that has most.")
        collector.gauge(
            "harbor_fleets_quarantined", Double(quarantined.count), "Fleets whose tracker failed too often.")
        collector.gauge(
            "harbor_tracker_restarts", Double(children.reduce(0) { $0 + $1.restarts }),
            "Restarts of the trackers that are there.")
    }
}
