import Broadcast
package import Endpoint
package import EventLoops
package import FleetAccess
package import HarborFleet
package import HarborFleetAPI
import HarborFleetSite
package import HarborFleetTesting
package import Logging
import Sockets
package import StoreCache
package import Supervision

/// The whole public site over real sockets, on stores in memory.
package final class WebServer: Sendable {
    package static let signingKey = Array("0123456789abcdef01234567".utf8)

    package let endpoint: EndpointServer
    package let store = MemoryTokenStore()
    package let fixes = MemoryFixStore()
    package let tracks: MemoryTrackStore
    package let authenticator: Authenticator
    package let hub: LiveHub
    package let clock = ShiftedClock()
    /// The clock of the limits.
    package let steadyClock = ManualClock()
    package let keys: PartnerKeys
    package let coldLane = ColdLane()
    package let sessionWrites = SessionController.makeWriteLane()
    package let revision = RevisionClock()
    private let uses: PartnerUses
    package let fleets: Fleets
    package let fleetStore: MemoryFleetStore
    private let recorder: FixRecorder
    private let trackers = DynamicSupervisor(name: "trackers")
    package let group: EventLoopGroup

    /// The settings that decide which requests may read.
    package struct Access: Sendable {
        package var publicRead: Bool
        package var allowedOrigins: [WebOrigin]
        /// Whether the tests' own address counts as that of a proxy.
        package var isBehindProxy: Bool
        package var strictTransportSeconds: Int?

        package init(
            publicRead: Bool = false, allowedOrigins: [WebOrigin] = [], isBehindProxy: Bool = false,
            strictTransportSeconds: Int? = nil
        ) {
            self.publicRead = publicRead
            self.allowedOrigins = allowedOrigins
            self.isBehindProxy = isBehindProxy
            self.strictTransportSeconds = strictTransportSeconds
        }

        fileprivate var origins: OriginPolicy {
            OriginPolicy(
                allowed: allowedOrigins, publicRead: publicRead, checksHost: publicRead && !isBehindProxy,
                machineName: "harbor-1.example")
        }

        fileprivate var proxies: [NetworkPrefix] {
            isBehindProxy ? ["127.0.0.1"].compactMap { NetworkPrefix($0) } : []
        }
    }

    /// Runs `body` with a server that has the named fleets. By the recorder's clock a POST takes no time, unless
    /// a test passes its own clock.
    /// - Parameter token: a token that sees all fleets.
    package static func with(
        publicRead: Bool = false, access: Access = Access(), fleets: [String] = ["north", "south"],
        token: String? = nil, recorderClock: any SupervisionClock = ManualClock(),
        logger: Logger = .silent,
        _ body: (WebServer) async throws -> Void
    ) async throws {
        await TestSlots.servers.acquire()
        defer { TestSlots.servers.release() }
        var access = access
        if publicRead { access.publicRead = true }
        let server = try WebServer(
            access: access, fleets: fleets, recorderClock: recorderClock, logger: logger)
        if let token { try server.addToken(token) }
        server.group.start()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
            tasks.addTask { try await server.uses.run() }
            tasks.addTask { try await server.recorder.run { isReady.yield() } }
            tasks.addTask { try await server.trackers.run { isReady.yield() } }
            defer { tasks.cancelAll() }
            for await _ in ready.prefix(2) {}
            try await server.endpoint.start()
            try await body(server)
            await server.endpoint.drain(within: .zero)
        }
        await server.group.stop()
    }

    private static func filters(_ access: Access) -> [any ResponseFilter] {
        [
            SecurityHeaders(tiles: nil, strictTransportSeconds: access.strictTransportSeconds),
            BrowserErrors(),
        ]
    }

    private init(
        access: Access, fleets names: [String], recorderClock: any SupervisionClock,
        logger: Logger
    ) throws {
        group = try EventLoopGroup(count: 2, label: "test.web")
        let ids = try names.map { try required(FleetID($0)) }
        fleetStore = MemoryFleetStore(ids)
        tracks = MemoryTrackStore(try required(ids.first))
        recorder = FixRecorder(store: fixes, clock: recorderClock)
        let broadcast = Broadcast<LiveEvent>(work: LiveHub.work)
        fleets = Fleets(
            configuration: FleetConfiguration(), fixStore: fixes, fleetStore: fleetStore, recorder: recorder,
            trackers: trackers, sink: broadcast, coldLane: coldLane, revision: revision)
        authenticator = Authenticator(
            tokens: store, sessions: store, signer: SessionSigner(key: Array(repeating: 1, count: 32)),
            coldLane: coldLane, revision: revision, publicRead: access.publicRead, clock: clock)
        uses = PartnerUses(store: store)
        keys = PartnerKeys(
            store: store, coldLane: coldLane, revision: revision, clock: clock,
            isUnknown: { [fleets] in fleets.isCertainlyUnknown($0) })
        hub = LiveHub(group: group, broadcast: broadcast, fleets: fleets, authenticator: authenticator)
        let origins = access.origins
        let makers = OffLoopWork(for: group.loops)
        let lists = FleetLists(fleets, makers: makers)
        let assets = StaticAssets(leafletDirectory: nil, logger: logger)
        let filters = Self.filters(access)
        let routes = Router([
            HealthController(
                readiness: { OperationsServer.checks(database: HealthCheck(.ok, "fine")) }, version: "test"),
            FleetsController(lists: lists, authenticator: authenticator, origins: origins),
            StatusController(
                fleets: fleets, authenticator: authenticator, origins: origins, filters: filters,
                loops: group.loops, makers: makers),
            TrackController(
                store: tracks, fleets: fleets, coldLane: coldLane, authenticator: authenticator,
                origins: origins, limits: .init()),
            LiveController(hub: hub, origins: origins, publicRead: access.publicRead),
            FixesController(
                fleets: fleets, keys: keys, uses: uses, limiter: PartnerLimiter(clock: steadyClock),
                loops: group.loops, clock: clock, retentionDays: 90),
            OpenAPIController(origins: origins),
            SessionController(
                authenticator: authenticator, sessions: store, writes: sessionWrites,
                limiter: SignInLimiter(logger: logger, clock: steadyClock), clock: clock, logger: logger,
                origins: origins),
            PagesController(
                fleets: fleets, lists: lists, authenticator: authenticator,
                map: MapOptions(leaflet: assets.leaflet, tiles: nil), publicRead: access.publicRead,
                origins: origins, clock: clock, makers: makers),
            AssetsController(assets: assets),
        ])
        endpoint = EndpointServer(
            EndpointConfiguration(trustedProxies: access.proxies), on: group, router: routes,
            filters: filters,
            observer: RequestObserver(listener: "public", logger: logger, loops: group.loops),
            errorResponder: ErrorMapping.responder(logger: logger, fleets: fleets, keys: keys))
        let partner = try required(PartnerID("acme"))
        for id in ids { store.put([SigningSecret(partnerID: partner, key: Self.signingKey)], for: id) }
    }

    package var port: UInt16 { endpoint.port ?? 0 }

    /// A text in the form of a token, different for each name.
    package static func token(_ name: String) -> String {
        "hft_" + (name + String(repeating: "-", count: 43)).prefix(43)
    }

    /// Adds a token that sees the named fleets, or all fleets when none is named.
    package func addToken(_ text: String, fleets: [String] = [], expiresAt: Timestamp? = nil) throws {
        let ids = try fleets.map { try required(FleetID($0)) }
        let token = Token(
            name: text, role: .viewer, scope: ids.isEmpty ? .all : .fleets(Set(ids)),
            createdAt: Timestamp(milliseconds: 0), expiresAt: expiresAt)
        store.put(token, hash: Credential.token(Self.token(text)).hash)
    }

    /// Sends one request on a connection of its own. The OpenAPI document must describe the response.
    package func request(_ method: String, _ path: String, _ fields: [String] = [], body: String = "")
        async throws
        -> RawResponse
    {
        try await request(method, path, fields, bytes: Array(body.utf8))
    }

    /// The same, with a body of any bytes.
    package func request(
        _ method: String, _ path: String, _ fields: [String], bytes body: [UInt8]
    ) async throws -> RawResponse {
        let client = try RawClient(port: port)
        let host = fields.contains { $0.hasPrefix("Host:") } ? [] : ["Host: 127.0.0.1:\(port)"]
        var lines = ["\(method) \(path) HTTP/1.1"] + host + fields
        if !body.isEmpty { lines.append("Content-Length: \(body.count)") }
        try await client.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
        return try await client.response(to: method, path)
    }

    package func get(_ path: String, token: String? = nil, _ fields: [String] = []) async throws
        -> RawResponse
    {
        try await request(
            "GET", path, fields + (token.map { ["Authorization: Bearer \(Self.token($0))"] } ?? []))
    }
}

extension OriginPolicy {
    /// For routes that are served without the rest of the site.
    package static let any = OriginPolicy(allowed: [], publicRead: false, checksHost: false, machineName: "")
}
