package import Endpoint
package import EventLoops
internal import HTTPTypes
package import HarborFleet
package import Logging

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
        package var signIns: SignInLimiter
        package var coldLane: ColdLane
        package var sessionWrites: ColdLane
        package var sessions: any SessionStore
        package var readiness: any ReadinessSource
        package var clock: any WallClock
        package var logger: Logger
        package var assets: StaticAssets
        /// Those that serve requests: what is read often is kept on each.
        package var loops: [EventLoop]

        package init(
            fleets: FleetContext, tracks: any TrackStore, hub: LiveHub, authenticator: Authenticator,
            keys: PartnerKeys,
            uses: PartnerUses, limiter: PartnerLimiter, signIns: SignInLimiter,
            coldLane: ColdLane, sessionWrites: ColdLane,
            sessions: any SessionStore,
            readiness: any ReadinessSource, clock: any WallClock, logger: Logger,
            assets: StaticAssets, loops: [EventLoop] = []
        ) {
            self.fleets = fleets
            self.tracks = tracks
            self.hub = hub
            self.authenticator = authenticator
            self.keys = keys
            self.uses = uses
            self.limiter = limiter
            self.signIns = signIns
            self.coldLane = coldLane
            self.sessionWrites = sessionWrites
            self.sessions = sessions
            self.readiness = readiness
            self.clock = clock
            self.logger = logger
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
        /// The fleet of `serve --demo`; nil without it.
        package var demoFleetID: String?
        /// Pages of tracks that are read from the database at a time, see `TrackController.Limits`.
        package var trackPagesAtOnce = TrackController.Limits().pages
        /// Adds `/test/echo` and `/test/post` for conformance suites.
        package var testEndpoints: Bool
        package var version: String
        /// Which pages may read, and by which names.
        package var origins: OriginPolicy
        /// `HARBOR_HSTS_S`.
        package var strictTransportSeconds: Int?

        package init(
            publicRead: Bool, retentionDays: Int, tiles: TileSource?, testEndpoints: Bool, version: String,
            origins: OriginPolicy, strictTransportSeconds: Int? = nil
        ) {
            self.origins = origins
            self.strictTransportSeconds = strictTransportSeconds
            self.publicRead = publicRead
            self.retentionDays = retentionDays
            self.tiles = tiles
            self.testEndpoints = testEndpoints
            self.version = version
        }
    }

    /// The lane of what sessions write, see `Parts.sessionWrites`.
    package static func makeSessionWriteLane() -> ColdLane { SessionController.makeWriteLane() }

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

    /// What completes every response.
    package var filters: [any ResponseFilter] {
        [
            SecurityHeaders(
                contentSecurityPolicy: ContentSecurityPolicy.header(tiles: options.tiles),
                strictTransportSecurity: options.strictTransportSeconds.map { "max-age=\($0)" }),
            BrowserErrors(),
        ]
    }

    /// Turns what handlers throw into answers. Make it once: it remembers which refusals were logged.
    package func errorResponder() -> ErrorResponder {
        let refusals = IngestRefusals(
            logger: parts.logger, isKnown: { [fleets = parts.fleets] in fleets.knows($0) },
            endedSecret: { [ended = EndedSecrets(parts.keys)] in await ended.secret(behind: $0) })
        return ErrorMapping.responder(logger: parts.logger, refusals: refusals)
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
            fleets: parts.fleets, authenticator: parts.authenticator, origins: options.origins,
            loops: parts.loops, makers: makers)
        let live = LiveController(
            fleets: parts.fleets, hub: parts.hub, authenticator: parts.authenticator,
            origins: options.origins, publicRead: options.publicRead)
        var limits = TrackController.Limits()
        limits.pages = options.trackPagesAtOnce
        let tracks = TrackController(
            store: parts.tracks, fleets: parts.fleets, coldLane: parts.coldLane,
            authenticator: parts.authenticator, limits: limits)
        let origins = options.origins
        router.get("/api/v1/fleets", origins.guarding { try overview.list($0) })
        router.get("/api/v1/fleets/:fleet_id/status") { try status.status($0) }
        router.get(
            "/api/v1/fleets/:fleet_id/vehicles/:vehicle_id", origins.guarding { try status.vehicle($0) })
        router.get(
            "/api/v1/fleets/:fleet_id/vehicles/:vehicle_id/track", origins.guarding { try tracks.track($0) })
        router.get("/api/v1/fleets/:fleet_id/live") { try live.live($0) }
    }

    private func addIngest(to router: inout Router) {
        let fixes = FixesController(
            fleets: parts.fleets, keys: parts.keys, uses: parts.uses, limiter: parts.limiter,
            bodies: RequestBodies(parts.loops), largeBodies: LargeBodies(parts.loops), seen: SeenPosts(),
            clock: parts.clock, retentionDays: options.retentionDays)
        let routeOptions = RouteOptions(
            bodyLimit: RequestBodies.limit, contentTypes: ["application/json"],
            unauthorizedTick: FixesController.unauthorizedTick,
            admits: { try fixes.checkHead($0) })
        router.post("/api/v1/fleets/:fleet_id/fixes", options: routeOptions) { try fixes.ingest($0) }
    }

    private func addSessions(to router: inout Router) {
        let sessions = SessionController(
            authenticator: parts.authenticator, sessions: parts.sessions, writes: parts.sessionWrites,
            limiter: parts.signIns, clock: parts.clock, logger: parts.logger,
            origins: options.origins)
        let routeOptions = RouteOptions(
            bodyLimit: 4_096, contentTypes: ["application/json", "application/x-www-form-urlencoded"])
        router.post("/session", options: routeOptions) { try sessions.create($0) }
        router.delete("/session") { try sessions.delete($0) }
    }

    private func addPages(to router: inout Router) {
        let pages = PagesController(
            fleets: parts.fleets, lists: lists, authenticator: parts.authenticator,
            map: MapOptions(
                leaflet: parts.assets.leaflet, tiles: options.tiles, demoFleetID: options.demoFleetID),
            publicRead: options.publicRead, clock: parts.clock, makers: makers)
        let assets = AssetsController(assets: parts.assets)
        let origins = options.origins
        router.get("/", origins.guarding { try pages.home($0) })
        router.get("/fleets/:fleet_id", origins.guarding { try pages.fleet($0) })
        router.get("/sign-in", origins.guarding { pages.signIn($0) })
        // Files show no data, and an error page looks as it should.
        router.get("/assets/*path") { try assets.asset($0) }
        router.get("/favicon.ico") { try assets.asset($0) }
        router.get("/api/v1/openapi.json", origins.guarding { try assets.openAPI($0) })
    }
}
