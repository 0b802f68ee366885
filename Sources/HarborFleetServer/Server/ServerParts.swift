internal import Endpoint
internal import EventLoops
internal import HTTP1
internal import HarborFleet
internal import HarborFleetStorage
internal import HarborFleetWeb
internal import Logging
internal import Postgres
internal import PrivatePostgres
internal import PubSub
internal import Supervision
internal import Telemetry

/// Everything that a server process is made of, made once and put together. What of it runs, and in which order,
/// is `SupervisionTree`'s business.
final class ServerParts: Sendable {
    let configuration: ServerConfiguration
    let logger: Logger
    let lifecycle = Lifecycle()
    let privatePostgres: PrivateCluster?
    /// The pool's loop. What asks the database again and again runs there, so that no other thread wakes for it.
    let databaseLoop: EventLoop
    let pool: PostgresPool
    let recorderPool: PostgresPool
    /// One connection for the revision alone: that it is not read for want of a connection must not happen, since
    /// revocations wait for it.
    let revisionPool: PostgresPool
    /// For all caches: strangers' keys, and how fresh what they know is.
    let coldLane = ColdLane()
    let revision = RevisionClock()
    let sessionWrites = PublicSite.makeSessionWriteLane()
    let signIns: SignInLimiter
    /// The recorder's and its pool's loop: between the two nothing has to wake another thread.
    let recorderLoop: EventLoop
    /// For what no PgBouncer may stand between: session locks.
    let directPool: PostgresPool
    /// The recorder's `application_name`.
    let recorderName: String
    /// Open while this binary may work with the schema.
    let gate = SchemaGate()
    let partitions: PartitionBoard
    let secrets = SecretsBoard()
    /// What seals and opens partners' secrets.
    let sealers: any SealerSource
    let readiness: ServerReadiness
    let stores: Stores
    let recorder: FixRecorder
    let trackers: DynamicSupervisor
    let fleets: FleetContext
    let authenticator: Authenticator
    let keys: PartnerKeys
    let uses: PartnerUses
    let limiter: PartnerLimiter
    let hub: LiveHub
    let publicEndpoint: EndpointServer
    let operationsEndpoint: EndpointServer
    /// The tree that the operations listener shows; set when it exists.
    let treeSource = TreeSource()

    init(
        _ configuration: ServerConfiguration, on group: EventLoopGroup, recorderLoop: EventLoop,
        descriptors: DescriptorPlan, ports: ReservedPorts, demoFleetID: String?,
        registry: PrometheusRegistry, logger: Logger
    ) async throws {
        self.configuration = configuration
        self.logger = logger
        privatePostgres =
            configuration.databaseURL == nil
            ? PrivateCluster(
                dataDirectory: configuration.dataDirectory,
                maxConnections: configuration.databasePoolSize + 24,
                logger: logger) : nil
        let url = configuration.databaseURL?.value ?? privatePostgres?.url ?? ""
        let secretKey = try SecretKey.load(for: configuration)
        secretKey.warnIfGuessable(logger)
        let name = "harbor-fleet/\(ProcessName.make())"
        recorderName = name + "/recorder"
        databaseLoop = group.loop(forKey: "pool")
        let outages = OutageLog(logger: logger)
        pool = PostgresPool(
            configuration: PostgresConfiguration(url: url, applicationName: name),
            on: databaseLoop, size: configuration.databasePoolSize, logger: logger, outages: outages)
        let recording = RecorderConfiguration()
        self.recorderLoop = recorderLoop
        recorderPool = PostgresPool(
            configuration: PostgresConfiguration(url: url, applicationName: recorderName),
            on: recorderLoop, size: recording.unitsInFlight, logger: logger, outages: outages)
        // On the recorder's loop: on the others requests may keep it waiting.
        revisionPool = PostgresPool(
            configuration: PostgresConfiguration(url: url, applicationName: name + "/revision"),
            on: recorderLoop, size: 1, logger: logger, outages: outages)
        directPool = PostgresPool(
            configuration: PostgresConfiguration(
                url: configuration.databaseDirectURL?.value ?? url, applicationName: name + "/schema"),
            on: databaseLoop, size: 1, logger: logger, outages: outages)
        let sealers = secretKey.sealers(in: pool)
        self.sealers = sealers
        stores = Stores(
            pool: pool, recorderPool: recorderPool, revisionPool: revisionPool, sealer: sealers,
            logger: logger
        )
        partitions = PartitionBoard(retentionDays: configuration.retentionDays)
        recorder = FixRecorder(
            store: PartitionWatchingStore(store: stores.fixes, partitions: partitions),
            configuration: recording)
        trackers = DynamicSupervisor(
            name: "trackers", intensity: FleetConfiguration.trackerIntensity,
            observer: SupervisionLog(logger).observer)
        let pubSub = PubSub<LiveEvent>(group: group)
        fleets = FleetContext(
            configuration: FleetConfiguration(configuration), fixStore: stores.fixes,
            fleetStore: stores.fleets, recorder: recorder, trackers: trackers, sink: PubSubSink(pubSub),
            coldLane: coldLane, revision: revision, clock: LoopClock(group, others: [recorderLoop]),
            executor: { group.loop(forKey: $0.rawValue) })
        let clock = SystemWallClock()
        authenticator = Authenticator(
            tokens: stores.tokens, sessions: stores.sessions,
            signer: SessionSigner { sealers.knownSealer?.key(for: SessionSigner.purpose) },
            coldLane: coldLane, revision: revision, publicRead: configuration.publicRead, clock: clock,
            loops: group.loops)
        keys = PartnerKeys(
            store: stores.partners, coldLane: coldLane, revision: revision, clock: clock,
            isUnknown: { [fleets] in fleets.isCertainlyUnknown($0) })
        uses = PartnerUses(store: stores.partners)
        limiter = PartnerLimiter()
        signIns = SignInLimiter(logger: logger)
        hub = LiveHub(group: group, pubSub: pubSub, authenticator: authenticator)
        readiness = ServerReadiness(
            pool: pool, recorderPool: recorderPool, revisionPool: revisionPool, directPool: directPool,
            recorder: recorder, gate: gate, partitions: partitions, secrets: secrets, lifecycle: lifecycle,
            logger: logger
        ) { [fleets] in fleets.quarantined }
        let tiles = configuration.mapTiles.flatMap(TileSource.init)
        var options = PublicSite.Options(
            publicRead: configuration.publicRead, retentionDays: configuration.retentionDays, tiles: tiles,
            testEndpoints: configuration.testEndpoints, version: ServerVersion.text,
            origins: OriginPolicy(publicListener: configuration),
            strictTransportSeconds: configuration.strictTransportSeconds)
        options.demoFleetID = demoFleetID
        // The rest is for look-ups, reloads and the like, which should not wait behind tracks.
        options.trackPagesAtOnce = max(configuration.databasePoolSize / 4, 1)
        let site = PublicSite(
            PublicSite.Parts(
                fleets: fleets, tracks: stores.tracks, hub: hub, authenticator: authenticator, keys: keys,
                uses: uses,
                limiter: limiter, signIns: signIns, coldLane: coldLane,
                sessionWrites: sessionWrites,
                sessions: stores.sessions,
                readiness: readiness, clock: clock,
                logger: logger, assets: StaticAssets(leafletDirectory: nil, logger: logger),
                loops: group.loops),
            options: options)
        publicEndpoint = EndpointServer(
            EndpointConfiguration(
                publicListener: configuration, descriptors: descriptors, reservation: ports.publicPort),
            on: group,
            router: site.router(), middleware: site.middleware,
            observer: RequestObserver(listener: "public", logger: logger, loops: group.loops),
            errorResponder: site.errorResponder())
        let operations = OperationsSite(
            readiness: readiness, registry: registry, version: ServerVersion.text, clock: clock,
            origins: OriginPolicy(operationsListener: configuration),
            tree: { [treeSource] in treeSource.tree })
        operationsEndpoint = EndpointServer(
            EndpointConfiguration(operationsListener: configuration, reservation: ports.operationsPort),
            on: group, router: operations.router(),
            observer: RequestObserver(listener: "operations", logger: logger),
            errorResponder: ErrorMapping.responder(logger: logger))
        registerCollectors(in: registry, pubSub: pubSub, requestLoops: group.loops)
    }

    /// Values that are read when somebody asks for the metrics, not when they change.
    private func registerCollectors(
        in registry: PrometheusRegistry, pubSub: PubSub<LiveEvent>, requestLoops: [EventLoop]
    ) {
        let metrics = ServerMetrics(
            pools: [
                "queries": pool, "recorder": recorderPool, "revision": revisionPool, "schema": directPool,
            ],
            recorder: recorder, coldLane: coldLane, sessionWrites: sessionWrites, revision: revision,
            trackers: trackers, fleets: fleets,
            pubSub: pubSub, partitions: partitions,
            endpoints: ["public": publicEndpoint, "operations": operationsEndpoint],
            loops: requestLoops.enumerated().map { ("\($0)", $1) } + [("recorder", recorderLoop)],
            caches: { [authenticator, keys, signIns] in
                authenticator.uses + [("partner_keys", keys.use), ("sign_in_addresses", signIns.use)]
            })
        registry.collect { metrics.collect(into: &$0) }
        ProcessMetrics().expose(in: registry)
    }
}
