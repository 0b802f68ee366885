internal import Endpoint
internal import EventLoops
internal import HarborFleet
internal import HarborFleetStorage
internal import Logging
internal import Supervision
internal import Telemetry

/// All services of a server. The supervision tree, `/ready` and `/metrics` are made from them.
struct ServerServices: Sendable {
    /// In start order, by domain. The services of a domain rely on the domains before it.
    let all: [Service]
    let health: HealthReport
    let edge: EdgeServices

    /// - Parameters:
    ///   - recorderLoop: a loop of its own: otherwise a commit that has ended, and a transaction that may begin,
    ///     would wait behind the requests of a whole turn, with PostgreSQL idle meanwhile.
    ///   - tree: the live supervision tree.
    init(
        _ configuration: ServerConfiguration, on group: EventLoopGroup, recorderLoop: EventLoop,
        descriptors: DescriptorPlan, ports: ReservedPorts, isDemo: Bool, lifecycle: Lifecycle,
        registry: PrometheusRegistry, logger: Logger, tree: @escaping @Sendable () -> SupervisionNode
    ) throws {
        let database = try DatabaseServices(
            configuration, on: group.loop(forKey: "pool"), recorderLoop: recorderLoop, logger: logger
        ) { lifecycle.isStopRequested }
        let fleets = FleetServices(
            configuration, database, on: group, recorderLoop: recorderLoop, logger: logger)
        let storage = database.storage
        let secrets = SecretMaintainer(
            pool: storage.pool, gate: storage.gate, sealers: database.sealers,
            revision: fleets.revision, logger: logger)
        let housekeeping = [
            PredecessorMerger(pool: storage.pool, ownName: storage.names.recorder, logger: logger) {
                await fleets.fleets.reconcileAll()
            }.service,
            Sweeper(pool: storage.pool, horizon: { database.partitions.horizon }, logger: logger).service,
            secrets.service,
        ]
        let inner =
            database.services { fleets.recorder.storeFailure } + fleets.services + housekeeping
        health = HealthReport(inner + [lifecycle.service], logger: logger)
        let edge = EdgeServices(
            configuration, storage, fleets, on: group, descriptors: descriptors, ports: ports,
            isDemo: isDemo, health: health, registry: registry, logger: logger, tree: tree)
        self.edge = edge
        let demo = DemoService(
            fleets: fleets.fleetStore, partners: fleets.partners,
            address: { edge.publicEndpoint.address.map { "\($0)" } }, logger: logger)
        let drain = DrainGuard(
            lifecycle: lifecycle, endpoints: [edge.publicEndpoint, edge.operationsEndpoint],
            delay: configuration.drainDelay, timeout: configuration.drainTimeout, logger: logger)
        let loops = group.loops.enumerated().map { ("\($0)", $1) } + [("recorder", recorderLoop)]
        all = inner + edge.services + (isDemo ? [demo.service] : []) + [drain.service, .loops(loops)]
    }

    /// The server's tree. When a service fails, the services after it, which may rely on it, are restarted with
    /// it.
    func supervisor(logger: Logger) -> Supervisor {
        Supervisor(
            name: "server", strategy: .restForOne, children: all.flatMap(\.children),
            observer: logger.supervisionObserver)
    }
}
