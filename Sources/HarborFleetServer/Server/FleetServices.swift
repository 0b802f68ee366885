internal import Broadcast
internal import EventLoops
internal import FleetAccess
internal import HarborFleet
internal import HarborFleetAPI
internal import HarborFleetStorage
internal import Logging
internal import StoreCache
internal import Supervision
internal import Telemetry

/// The services of the fleets: the fleets, the stores behind them, and the caches of partners and readers.
struct FleetServices: Sendable {
    /// Shared by all caches: the cold lane bounds look-ups of unknown keys, the revision shows how fresh the
    /// caches are.
    let coldLane = ColdLane()
    let revision = RevisionClock()
    let fleetStore: any FleetStore
    let partners: any PartnerStore
    let sessions: any SessionStore
    let recorder: FixRecorder
    let fleets: Fleets
    let authenticator: Authenticator
    let keys: PartnerKeys
    let uses: PartnerUses
    let limiter = PartnerLimiter()
    let hub: LiveHub
    private let broadcast: Broadcast<LiveEvent>
    private let recorderLoop: EventLoop
    private let logger: Logger

    init(
        _ configuration: ServerConfiguration, _ database: DatabaseServices, on group: EventLoopGroup,
        recorderLoop: EventLoop, logger: Logger
    ) {
        let (storage, sealers) = (database.storage, database.sealers)
        let fixes = PostgresFixStore(
            pool: storage.pool, recorder: storage.recorderPool,
            hadNoPartition: database.partitions.fixHadNoPartition)
        fleetStore = PostgresFleetStore(pool: storage.pool, revisionPool: storage.revisionPool)
        partners = PostgresPartnerStore(pool: storage.pool, sealer: sealers, logger: logger)
        sessions = PostgresSessionStore(pool: storage.pool)
        recorder = FixRecorder(store: fixes)
        broadcast = Broadcast(work: LiveHub.work)
        fleets = Fleets(
            configuration: FleetConfiguration(configuration), fixStore: fixes, fleetStore: fleetStore,
            recorder: recorder,
            trackers: DynamicSupervisor(
                name: "trackers", intensity: FleetConfiguration.trackerIntensity,
                observer: logger.supervisionObserver),
            sink: broadcast, coldLane: coldLane, revision: revision,
            clock: LoopClock(group: group, others: [recorderLoop]),
            executor: { group.loop(forKey: $0.rawValue) })
        let clock = SystemWallClock()
        authenticator = Authenticator(
            tokens: PostgresTokenStore(pool: storage.pool), sessions: sessions,
            signer: SessionSigner { sealers.knownSealer?.key(for: SessionSigner.purpose) },
            coldLane: coldLane, revision: revision, publicRead: configuration.publicRead, clock: clock)
        keys = PartnerKeys(
            store: partners, coldLane: coldLane, revision: revision, clock: clock,
            isUnknown: { [fleets] in fleets.isCertainlyUnknown($0) })
        uses = PartnerUses(store: partners)
        hub = LiveHub(group: group, broadcast: broadcast, fleets: fleets, authenticator: authenticator)
        self.recorderLoop = recorderLoop
        self.logger = logger
        revision.onChange { [limiter, hub] in
            limiter.revisionChanged()
            hub.revisionChanged()
        }
    }

    var services: [Service] {
        [
            recorder.service(on: recorderLoop),
            fleets.service(refreshingOn: recorderLoop) { [logger] error in
                // The pools log once that the database is unavailable, so that is not repeated here.
                guard error.kind != .unavailable || error.isRefusal else { return }
                logger.warning("the fleets are not refreshed", metadata: ["error": "\(error)"])
            },
            Service(uses.spec), Service(authenticator.tokens.spec),
            .lane(coldLane, "harbor_cold_lookups", of: Self.lookUps), live,
            .caches { [authenticator, keys] in authenticator.uses + [("partner_keys", keys.use)] },
        ]
    }

    private static let lookUps = (
        waiting: "Unknown keys that are being looked up, of at most 64.",
        refused:
            """
        Unknown keys (fleets, tokens, sessions, vehicles) not looked up because too many waited, by cause: all, or \
        share (too many of one address).
        """
    )

    private var live: Service {
        Service { [broadcast, revision] in
            $0.gauge(
                "harbor_live_subscriptions", Double(broadcast.topicCount),
                "Topics with live subscribers, counted per loop.")
            $0.counter(
                "harbor_live_dropped_total", Double(broadcast.dropped),
                "Changes dropped because a loop was too far behind; its subscribers restart from a snapshot.")
            guard let age = revision.age else { return }
            $0.gauge(
                "harbor_revision_age_seconds", age / .seconds(1),
                "Time since this server last had all changes of fleets, partners and tokens.")
        }
    }
}
