internal import Endpoint
internal import EventLoops
internal import FleetAccess
internal import HarborFleet
internal import HarborFleetAPI
internal import HarborFleetSite
internal import Logging
internal import StoreCache

/// What the public listener serves: API v1, and the web app for operators.
struct PublicSite {
    let router: Router
    /// What runs around every handler.
    let middleware: [any Middleware]

    init(
        _ configuration: ServerConfiguration, stores: Stores, fleets: FleetContext, hub: LiveHub,
        authenticator: Authenticator, keys: PartnerKeys, uses: PartnerUses, limiter: PartnerLimiter,
        signIns: SignInLimiter, coldLane: ColdLane, sessionWrites: ColdLane,
        readiness: any ReadinessSource, loops: [EventLoop], demoFleetID: String?, logger: Logger
    ) {
        let tiles = configuration.mapTiles.flatMap(TileSource.init)
        let origins = OriginPolicy(publicListener: configuration)
        let clock = SystemWallClock()
        let makers = OffLoopWork(for: loops)
        let lists = FleetLists(fleets, makers: makers)
        let assets = StaticAssets(leafletDirectory: nil, logger: logger)
        let groups: [any RouteGroup] = [
            HealthController(readiness: readiness, version: ServerVersion.text),
            FleetsController(lists: lists, authenticator: authenticator, origins: origins),
            StatusController(
                fleets: fleets, authenticator: authenticator, origins: origins, loops: loops, makers: makers),
            // The rest of the pool is for look-ups, reloads and the like, which should not wait behind tracks.
            TrackController(
                store: stores.tracks, fleets: fleets, coldLane: coldLane, authenticator: authenticator,
                origins: origins, pagesAtOnce: max(configuration.databasePoolSize / 4, 1)),
            LiveController(hub: hub, origins: origins, publicRead: configuration.publicRead),
            FixesController(
                fleets: fleets, keys: keys, uses: uses, limiter: limiter, loops: loops, clock: clock,
                retentionDays: configuration.retentionDays),
            OpenAPIController(origins: origins),
            SessionController(
                authenticator: authenticator, sessions: stores.sessions, writes: sessionWrites,
                limiter: signIns, clock: clock, logger: logger, origins: origins),
            PagesController(
                fleets: fleets, lists: lists, authenticator: authenticator,
                map: MapOptions(leaflet: assets.leaflet, tiles: tiles, demoFleetID: demoFleetID),
                publicRead: configuration.publicRead, origins: origins, clock: clock, makers: makers),
            AssetsController(assets: assets),
        ]
        router = Router(configuration.testEndpoints ? groups + [TestController()] : groups)
        middleware = [
            SecurityHeaders(
                tiles: tiles, strictTransportSeconds: configuration.strictTransportSeconds),
            BrowserErrors(),
        ]
    }
}
