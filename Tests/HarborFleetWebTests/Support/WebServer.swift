import Endpoint
import EventLoops
import HarborFleetTesting
import Logging
import PubSub
import Supervision
import Testing

@testable import HarborFleet
@testable import HarborFleetWeb

/// The whole public site over real sockets, on stores in memory.
final class WebServer: Sendable {
    static let signingKey = Array("0123456789abcdef01234567".utf8)

    let endpoint: EndpointServer
    let store = MemoryTokenStore()
    let fixes = MemoryFixStore()
    let tracks: MemoryTrackStore
    let authenticator: Authenticator
    let hub: LiveHub
    let clock = ShiftedClock()
    /// What the limits go by.
    let steadyClock = ManualClock()
    let keys: PartnerKeys
    let coldLane = ColdLane()
    let sessionWrites = PublicSite.makeSessionWriteLane()
    let revision = RevisionClock()
    private let uses: PartnerUses
    let fleets: FleetContext
    let fleetStore: MemoryFleetStore
    private let recorder: FixRecorder
    private let trackers = DynamicSupervisor(name: "trackers")
    let group: EventLoopGroup

    /// The settings that decide which requests may read.
    struct Access: Sendable {
        var publicRead = false
        var allowedOrigins: [WebOrigin] = []
        /// Whether the tests' own address is that of a proxy.
        var isBehindProxy = false
        var strictTransportSeconds: Int?

        fileprivate var origins: OriginPolicy {
            OriginPolicy(
                allowed: allowedOrigins, publicRead: publicRead, checksHost: publicRead && !isBehindProxy,
                machineName: "harbor-1.example")
        }

        fileprivate var proxies: [NetworkPrefix] {
            isBehindProxy ? ["127.0.0.1"].compactMap { NetworkPrefix($0) } : []
        }
    }

    private struct AlwaysReady: ReadinessSource {
        func checks() -> [String: ReadinessCheck] { ["database": ReadinessCheck(.ok, "fine")] }
    }

    /// Runs `body` with a server that has the fleets named. By the recorder's clock no POST takes any time unless a test
    /// gives one.
    static func with(
        publicRead: Bool = false, access: Access = Access(), slice: Int = LiveTopic.slice,
        fleets: [String] = ["north", "south"], recorderClock: any SupervisionClock = ManualClock(),
        logger: Logger = .silent,
        _ body: (WebServer) async throws -> Void
    ) async throws {
        await TestSlots.servers.acquire()
        defer { TestSlots.servers.release() }
        var access = access
        if publicRead { access.publicRead = true }
        let server = try WebServer(
            access: access, slice: slice, fleets: fleets, recorderClock: recorderClock, logger: logger)
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

    private init(
        access: Access, slice: Int, fleets names: [String], recorderClock: any SupervisionClock,
        logger: Logger
    ) throws {
        group = try EventLoopGroup(count: 2, label: "test.web")
        let ids = try names.map { try #require(FleetID($0)) }
        fleetStore = MemoryFleetStore(ids)
        tracks = MemoryTrackStore(try #require(ids.first))
        recorder = FixRecorder(store: fixes, clock: recorderClock)
        let pubSub = PubSub<LiveEvent>(group: group)
        fleets = FleetContext(
            configuration: FleetConfiguration(), fixStore: fixes, fleetStore: fleetStore, recorder: recorder,
            trackers: trackers, sink: PubSubSink(pubSub), coldLane: coldLane, revision: revision)
        authenticator = Authenticator(
            tokens: store, sessions: store, signer: SessionSigner(key: Array(repeating: 1, count: 32)),
            coldLane: coldLane, revision: revision, publicRead: access.publicRead, clock: clock,
            loops: group.loops)
        uses = PartnerUses(store: store)
        keys = PartnerKeys(
            store: store, coldLane: coldLane, revision: revision, clock: clock,
            isUnknown: { [fleets] in fleets.isCertainlyUnknown($0) })
        let limiter = PartnerLimiter(clock: steadyClock)
        hub = LiveHub(group: group, pubSub: pubSub, authenticator: authenticator, slice: slice)
        let site = PublicSite(
            PublicSite.Parts(
                fleets: fleets, tracks: tracks, hub: hub, authenticator: authenticator,
                keys: keys, uses: uses, limiter: limiter,
                signIns: SignInLimiter(logger: logger, clock: steadyClock), coldLane: coldLane,
                sessionWrites: sessionWrites,
                sessions: store, readiness: AlwaysReady(), clock: clock, logger: logger,
                assets: StaticAssets(leafletDirectory: nil, logger: logger), loops: group.loops),
            options: PublicSite.Options(
                publicRead: access.publicRead, retentionDays: 90, tiles: nil, testEndpoints: false,
                version: "test", origins: access.origins,
                strictTransportSeconds: access.strictTransportSeconds))
        endpoint = EndpointServer(
            EndpointConfiguration(trustedProxies: access.proxies), on: group, router: site.router(),
            middleware: site.middleware,
            observer: RequestObserver(listener: "public", logger: logger, loops: group.loops),
            errorResponder: site.errorResponder())
        let partner = try #require(PartnerID("acme"))
        for id in ids { store.put([SigningSecret(partnerID: partner, key: Self.signingKey)], for: id) }
    }

    var port: UInt16 { endpoint.port ?? 0 }

    /// A text with a token's form, another for each name.
    static func token(_ name: String) -> String {
        "hft_" + (name + String(repeating: "-", count: 43)).prefix(43)
    }

    /// Adds a token that sees the fleets named, all when none is.
    func addToken(_ text: String, fleets: [String] = [], expiresAt: Timestamp? = nil) throws {
        let ids = try fleets.map { try #require(FleetID($0)) }
        let token = Token(
            name: text, role: .viewer, scope: ids.isEmpty ? .all : .fleets(Set(ids)),
            createdAt: Timestamp(milliseconds: 0), expiresAt: expiresAt)
        store.put(token, hash: Credential.token(Self.token(text)).hash)
    }

    /// Sends one request on a connection of its own.
    func request(_ method: String, _ path: String, _ fields: [String] = [], body: String = "") async throws
        -> RawResponse
    {
        try await request(method, path, fields, bytes: Array(body.utf8))
    }

    /// As above, with a body of any bytes.
    func request(
        _ method: String, _ path: String, _ fields: [String], bytes body: [UInt8]
    ) async throws -> RawResponse {
        let client = try RawClient(port: port)
        let host = fields.contains { $0.hasPrefix("Host:") } ? [] : ["Host: 127.0.0.1:\(port)"]
        var lines = ["\(method) \(path) HTTP/1.1"] + host + fields
        if !body.isEmpty { lines.append("Content-Length: \(body.count)") }
        try await client.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
        return try await client.response(hasBody: method != "HEAD")
    }

    func get(_ path: String, token: String? = nil, _ fields: [String] = []) async throws -> RawResponse {
        try await request(
            "GET", path, fields + (token.map { ["Authorization: Bearer \(Self.token($0))"] } ?? []))
    }
}

extension OriginPolicy {
    /// For routes that are served without the rest of the site.
    static let any = OriginPolicy(allowed: [], publicRead: false, checksHost: false, machineName: "")
}
