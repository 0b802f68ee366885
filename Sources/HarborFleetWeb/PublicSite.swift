package import Endpoint
package import EventLoops
internal import HTTPTypes
package import HarborFleet

/// Everything that the public listener serves, put together from its parts.
package struct PublicSite: Sendable {
    /// What the site is made of.
    package struct Parts: Sendable {
        package var fleets: FleetContext
        package var tracks: any TrackStore
        package var hub: LiveHub
        package var authenticator: Authenticator
        package var keys: PartnerKeys
        package var uses: PartnerUses
        package var limiter: PartnerLimiter
        package var sessions: any SessionStore
        package var readiness: any ReadinessSource
        package var clock: any WallClock
        package var assets: StaticAssets
        /// Those that serve requests: what is read often is kept on each.
        package var loops: [EventLoop]

        package init(
            fleets: FleetContext, tracks: any TrackStore, hub: LiveHub, authenticator: Authenticator,
            keys: PartnerKeys,
            uses: PartnerUses, limiter: PartnerLimiter, sessions: any SessionStore,
            readiness: any ReadinessSource, clock: any WallClock, assets: StaticAssets,
            loops: [EventLoop] = []
        ) {
            self.fleets = fleets
            self.tracks = tracks
            self.hub = hub
            self.authenticator = authenticator
            self.keys = keys
            self.uses = uses
            self.limiter = limiter
            self.sessions = sessions
            self.readiness = readiness
            self.clock = clock
            self.assets = assets
            self.loops = loops
        }
    }

    /// What an operator can set.
    package struct Options: Sendable {
        package var publicRead: Bool
        /// `HARBOR_RETENTION_DAYS`.
        package var retentionDays: Int
        package var tiles: TileSource?
        /// Pages of tracks that are read from the database at a time, see `TrackController.Limits`.
        package var trackPagesAtOnce = TrackController.Limits().pages
        /// Adds `/test/echo` and `/test/post` for conformance suites.
        package var testEndpoints: Bool
        package var version: String
        /// Whether `X-Forwarded-Proto` is believed: trusted proxies are set. A client that comes around them can
        /// only make its own cookie `Secure`.
        package var believesForwardedScheme: Bool

        package init(
            publicRead: Bool, retentionDays: Int, tiles: TileSource?, testEndpoints: Bool, version: String,
            believesForwardedScheme: Bool = false
        ) {
            self.believesForwardedScheme = believesForwardedScheme
            self.publicRead = publicRead
            self.retentionDays = retentionDays
            self.tiles = tiles
            self.testEndpoints = testEndpoints
            self.version = version
        }
    }

    private let parts: Parts
    private let options: Options
    /// Makes what grows with data and is too long for a loop: statuses, pages, lists.
    private let makers: OffLoopWork
    private let lists: FleetLists

    package init(_ parts: Parts, options: Options) {
        self.parts = parts
        self.options = options
        // The connections bound the number of callers.
        makers = OffLoopWork(width: FleetSnapshot.largeAtOnce(parts.loops), maximumWaiting: .max)
        lists = FleetLists(parts.fleets, makers: makers)
    }

    /// What runs around every handler.
    package var middleware: [any Middleware] {
        [
            SecurityHeaders(contentSecurityPolicy: ContentSecurityPolicy.header(tiles: options.tiles)),
            BrowserErrors(),
        ]
    }

    /// All routes of the public listener.
    package func router() -> Router {
        var router = Router()
        addHealth(to: &router)
        addFleets(to: &router)
        addIngest(to: &router)
        addSessions(to: &router)
        addPages(to: &router)
        if options.testEndpoints { TestController.addRoutes(to: &router) }
        return router
    }

    private func addHealth(to router: inout Router) {
        let health = HealthController(readiness: parts.readiness, version: options.version)
        router.get("/health") { health.health($0) }
        router.get(HealthController.readyPath) { health.ready($0) }
    }

    private func addFleets(to router: inout Router) {
        let overview = FleetsController(lists: lists, authenticator: parts.authenticator)
        let status = StatusController(
            fleets: parts.fleets, authenticator: parts.authenticator, loops: parts.loops, makers: makers)
        let live = LiveController(
            fleets: parts.fleets, hub: parts.hub, authenticator: parts.authenticator,
            publicRead: options.publicRead)
        var limits = TrackController.Limits()
        limits.pages = options.trackPagesAtOnce
        let tracks = TrackController(
            store: parts.tracks, authenticator: parts.authenticator, limits: limits)
        router.get("/api/v1/fleets") { try overview.list($0) }
        router.get("/api/v1/fleets/:fleet_id/status") { try status.status($0) }
        router.get("/api/v1/fleets/:fleet_id/vehicles/:vehicle_id") { try status.vehicle($0) }
        router.get("/api/v1/fleets/:fleet_id/vehicles/:vehicle_id/track") { try tracks.track($0) }
        router.get("/api/v1/fleets/:fleet_id/live") { try live.live($0) }
    }

    private func addIngest(to router: inout Router) {
        let fixes = FixesController(
            fleets: parts.fleets, keys: parts.keys, uses: parts.uses, limiter: parts.limiter,
            bodies: RequestBodies(parts.loops), clock: parts.clock, retentionDays: options.retentionDays)
        let routeOptions = RouteOptions(
            bodyLimit: RequestBodies.limit, contentTypes: ["application/json"])
        router.post("/api/v1/fleets/:fleet_id/fixes", options: routeOptions) { try fixes.ingest($0) }
    }

    private func addSessions(to router: inout Router) {
        let sessions = SessionController(
            authenticator: parts.authenticator, sessions: parts.sessions, clock: parts.clock,
            believesForwardedScheme: options.believesForwardedScheme)
        let routeOptions = RouteOptions(
            bodyLimit: 4_096, contentTypes: ["application/json", "application/x-www-form-urlencoded"])
        router.post("/session", options: routeOptions) { try sessions.create($0) }
        router.delete("/session") { try sessions.delete($0) }
    }

    private func addPages(to router: inout Router) {
        let pages = PagesController(
            fleets: parts.fleets, lists: lists, authenticator: parts.authenticator,
            map: MapOptions(leaflet: parts.assets.leaflet, tiles: options.tiles),
            publicRead: options.publicRead, makers: makers)
        let assets = AssetsController(assets: parts.assets)
        router.get("/") { try pages.home($0) }
        router.get("/fleets/:fleet_id") { try pages.fleet($0) }
        router.get("/sign-in") { pages.signIn($0) }
        router.get("/assets/*path") { try assets.asset($0) }
        router.get("/favicon.ico") { try assets.asset($0) }
        router.get("/api/v1/openapi.json") { try assets.openAPI($0) }
    }
}
