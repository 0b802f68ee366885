internal import Endpoint
internal import EventLoops
internal import FleetAccess
internal import HTTP1
internal import HarborFleet
internal import HarborFleetAPI
internal import HarborFleetSite
internal import HarborFleetStorage
internal import Logging
internal import StoreCache
internal import Supervision
internal import Telemetry

/// The services that clients reach: the public listener, the operations listener, and the guard that drains
/// both.
struct EdgeServices: Sendable {
    let publicEndpoint: EndpointServer
    let operationsEndpoint: EndpointServer
    private let signIns: SignInLimiter
    private let siteMetrics: [String: String]
    private let sessionWrites = SessionController.makeWriteLane()

    /// - Parameters:
    ///   - descriptors: the connections that fit under the descriptor limit.
    ///   - ports: reserve the addresses until the listeners listen.
    ///   - health: the content of `/ready`.
    ///   - tree: the live supervision tree.
    init(
        _ configuration: ServerConfiguration, _ storage: StorageDatabase, _ fleets: FleetServices,
        on group: EventLoopGroup, descriptors: DescriptorPlan, ports: ReservedPorts, isDemo: Bool,
        health: HealthReport, registry: PrometheusRegistry, logger: Logger,
        tree: @escaping @Sendable () -> SupervisionNode
    ) {
        signIns = SignInLimiter(logger: logger)
        let site = PublicSite(
            configuration, fleets, tracks: PostgresTrackStore(pool: storage.pool), signIns: signIns,
            sessionWrites: sessionWrites, health: health.checks, loops: group.loops, isDemo: isDemo,
            logger: logger)
        siteMetrics = site.metrics
        publicEndpoint = EndpointServer(
            EndpointConfiguration(
                publicListener: configuration, descriptors: descriptors, reservation: ports.publicPort),
            on: group, router: site.router, filters: site.filters,
            observer: RequestObserver(listener: "public", logger: logger, loops: group.loops),
            errorResponder: ErrorMapping.responder(
                logger: logger, fleets: fleets.fleets, keys: fleets.keys))
        let operations = OperationsSite(
            readiness: health.checks, registry: registry, version: ServerVersion.text,
            clock: SystemWallClock(), origins: OriginPolicy(operationsListener: configuration), tree: tree,
            page: { SupervisionPage($0, asOf: $1).render() })
        operationsEndpoint = EndpointServer(
            EndpointConfiguration(operationsListener: configuration, reservation: ports.operationsPort),
            on: group, router: operations.router(),
            observer: RequestObserver(listener: "operations", logger: logger, loops: group.loops),
            errorResponder: ErrorMapping.responder(logger: logger))
    }

    /// The listeners, and the metrics of their routes.
    var services: [Service] {
        [
            service(of: publicEndpoint, "public"), service(of: operationsEndpoint, "operations"),
            Service(metrics: siteMetrics),
            .lane(sessionWrites, "harbor_session_writes", of: Self.writes),
            .caches { [signIns] in [("sign_in_addresses", signIns.use)] },
        ]
    }

    private static let writes = (
        waiting: "Sign-ins and sign-outs that wait to be written, of at most 64.",
        refused:
            """
        Sign-ins and sign-outs refused with 503 because too many waited to be written, by cause: all, or share \
        (too many of one token or address).
        """
    )

    private func service(of endpoint: EndpointServer, _ listener: String) -> Service {
        let child = ChildSpec(id: "endpoint-\(listener)") { context in
            try await endpoint.run { context.ready() }
        }
        return Service(child, metrics: RequestObserver.metrics) {
            $0.gauge(
                "harbor_body_bytes", Double(endpoint.heldBodyBytes),
                "Memory of bodies, heads and WebSocket messages that are being received, by listener.",
                labels: [("listener", listener)])
        }
    }
}
