internal import Endpoint
internal import EventLoops
internal import FleetAccess
internal import HarborFleet
internal import HarborFleetAPI
internal import HarborFleetSite
internal import Logging
internal import StoreCache

/// Everything that the public listener serves: API v1, and the web app for readers.
struct PublicSite {
    let router: Router
    /// Filters that see each handler's response.
    let filters: [any ResponseFilter]
    /// The meanings of the metrics of its routes, by name.
    let metrics: [String: String]

    /// - Parameter health: the content of `/ready`.
    init(
        _ configuration: ServerConfiguration, _ domain: FleetServices, tracks: any TrackStore,
        signIns: SignInLimiter, sessionWrites: ColdLane, health: @escaping HealthSource,
        loops: [EventLoop], isDemo: Bool, logger: Logger
    ) {
        let (fleets, authenticator) = (domain.fleets, domain.authenticator)
        let tiles = configuration.mapTiles.flatMap(TileSource.init)
        let origins = OriginPolicy(publicListener: configuration)
        let clock = SystemWallClock()
        let makers = OffLoopWork(for: loops)
        let lists = FleetLists(fleets, makers: makers)
        let assets = StaticAssets(leafletDirectory: nil, logger: logger)
        filters = [
            SecurityHeaders(
                tiles: tiles, strictTransportSeconds: configuration.strictTransportSeconds),
            BrowserErrors(),
        ]
        let groups: [any RouteGroup] = [
            HealthController(readiness: health, version: ServerVersion.text),
            FleetsController(lists: lists, authenticator: authenticator, origins: origins),
            StatusController(
                fleets: fleets, authenticator: authenticator, origins: origins, filters: filters,
                loops: loops, makers: makers),
            // The rest of the pool is for look-ups, reloads and the like, which must not wait behind tracks.
            TrackController(
                store: tracks, fleets: fleets, coldLane: domain.coldLane, authenticator: authenticator,
                origins: origins, limits: .init(pages: max(configuration.databasePoolSize / 4, 1))),
            LiveController(hub: domain.hub, origins: origins, publicRead: configuration.publicRead),
            FixesController(
                fleets: fleets, keys: domain.keys, uses: domain.uses, limiter: domain.limiter, loops: loops,
                clock: clock, retentionDays: configuration.retentionDays),
            OpenAPIController(origins: origins),
            SessionController(
                authenticator: authenticator, sessions: domain.sessions, writes: sessionWrites,
                limiter: signIns, clock: clock, logger: logger, origins: origins),
            PagesController(
                fleets: fleets, lists: lists, authenticator: authenticator,
                map: MapOptions(
                    leaflet: assets.leaflet, tiles: tiles, demoFleetID: isDemo ? DemoService.fleetID : nil),
                publicRead: configuration.publicRead, origins: origins, clock: clock, makers: makers),
            AssetsController(assets: assets),
        ]
        metrics = groups.reduce(into: [:]) { $0.merge($1.metrics) { first, _ in first } }
        router = Router(configuration.testEndpoints ? groups + [TestController()] : groups)
    }
}
