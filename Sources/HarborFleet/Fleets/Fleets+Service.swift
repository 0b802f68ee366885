package import StoreCache
package import Supervision
internal import Telemetry

extension Fleets {
    /// The service that runs the trackers and keeps them consistent with the store.
    /// - Parameters:
    ///   - executor: the executor on which the store's revision is polled.
    ///   - onFailure: see `refresherSpec`.
    package func service(
        refreshingOn executor: any TaskExecutor, onFailure: @escaping @Sendable (StoreError) -> Void
    ) -> Service {
        Service(
            supervisor.childSpec, refresherSpec(onFailure: onFailure).running(on: executor), reconcilerSpec,
            checks: ["trackers": { self.check }], metrics: FleetMetrics.descriptions
        ) { self.collect(into: &$0) }
    }

    /// A quarantined fleet is reported but leaves the server ready, because the other fleets are served.
    private var check: HealthCheck {
        let count = quarantined.count
        return HealthCheck(.ok, count == 0 ? "all well" : "\(count) fleets are quarantined")
    }

    private func collect(into collector: inout MetricCollector) {
        let children = supervisor.tree.children
        let lengths = children.compactMap(\.mailboxLength)
        collector.gauge(
            "harbor_trackers", Double(enteredFleets.count { snapshot(of: $0) != nil }),
            "Trackers that are loaded and serve their fleet.")
        collector.gauge(
            "harbor_tracker_mailbox_messages", Double(lengths.reduce(0, +)),
            "Messages waiting in the mailboxes of all trackers.")
        collector.gauge(
            "harbor_tracker_mailbox_longest", Double(lengths.max() ?? 0),
            "Messages waiting in the longest mailbox of a tracker.")
        collector.gauge(
            "harbor_fleets_quarantined", Double(quarantined.count),
            "Fleets that are suspended because their tracker failed too often.")
        collector.gauge(
            "harbor_tracker_restarts", Double(children.reduce(0) { $0 + $1.restarts }),
            "Restarts of the trackers that exist now.")
    }
}
