import Broadcast
import Endpoint
import EventLoops
import FleetAccess
import HarborFleet
import HarborFleetAPI
import HarborFleetStorage
import HarborFleetTesting
import Logging
import Postgres
import StoreCache
import Supervision
import Synchronization

/// The fleets, the stores on a real PostgreSQL, and a listener for status and live streams, composed in this process as
/// in the server. A test can make a tracker fail and a commit wait.
struct CrashBench: Sendable {
    static let north = FleetID("north")
    static let south = FleetID("south")

    let fleets: Fleets
    let store: HeldFixStore
    let poison: Poison
    let events = CrashLog()
    /// What the trackers published.
    let published: EventLog
    /// What the recorder's connections log, such as notices of PostgreSQL.
    let recorderLog = LogRecorder()
    let database: TestPostgres.Database
    private let group: EventLoopGroup
    private let pools: [PostgresPool]
    private let recorder: FixRecorder
    private let trackers: DynamicSupervisor
    private let endpoint: EndpointServer

    /// Runs `body` on a bench with the fleets `north` and `south` while everything it needs runs.
    static func with(
        _ body: @Sendable (CrashBench, _ north: FleetID, _ south: FleetID) async throws -> Void
    ) async throws {
        guard let north, let south else { return }
        let bench = try await CrashBench([north, south])
        try await bench.run { try await body(bench, north, south) }
    }

    private init(_ ids: [FleetID]) async throws {
        database = try await TestPostgres.shared.makeDatabase()
        group = try EventLoopGroup(count: 2)
        group.start()
        try await database.withConnection { connection in
            _ = try await StorageMigrations.migrator.apply(on: connection)
            _ = try await PartitionKeeper().ensure(
                now: SystemWallClock().now(), retentionDays: 2, on: connection)
        }
        let pool = PostgresPool(
            configuration: database.configuration, on: group.loops[0], size: 2, logger: database.logger)
        let recorderPool = PostgresPool(
            configuration: database.configuration, on: group.loops[1], size: 2, logger: recorderLog.logger)
        pools = [pool, recorderPool]
        for pool in pools { pool.start() }
        store = HeldFixStore(PostgresFixStore(pool: pool, recorder: recorderPool))
        poison = Poison()
        // A commit may be held for as long as a test needs on a loaded machine.
        var recording = RecorderConfiguration()
        recording.maximumAge = .seconds(60)
        recorder = FixRecorder(store: store, configuration: recording)
        trackers = DynamicSupervisor(
            name: "trackers", intensity: FleetConfiguration.trackerIntensity
        ) { [events] in events.record($0) }
        let broadcast = Broadcast<LiveEvent>(work: LiveHub.work)
        var tracker = TrackerConfiguration()
        tracker.willApply = poison.check
        let fleetStore = PostgresFleetStore(pool: pool)
        let log = EventLog()
        published = log
        fleets = Fleets(
            configuration: FleetConfiguration(tracker: tracker), fixStore: store, fleetStore: fleetStore,
            recorder: recorder, trackers: trackers, sink: RecordingSink(subscribers: broadcast, log: log),
            executor: { [group] in group.loop(forKey: $0.rawValue) })
        endpoint = Self.endpoint(fleets, pool, broadcast, group, database.logger)
        for id in ids { try await fleetStore.add(Fleet(id: id, name: id.rawValue)) }
    }

    private static func endpoint(
        _ fleets: Fleets, _ pool: PostgresPool, _ broadcast: Broadcast<LiveEvent>,
        _ group: EventLoopGroup,
        _ logger: Logger
    ) -> EndpointServer {
        let authenticator = Authenticator(
            tokens: PostgresTokenStore(pool: pool), sessions: PostgresSessionStore(pool: pool),
            signer: SessionSigner(key: Array(repeating: 1, count: 32)),
            coldLane: ColdLane(),
            revision: RevisionClock(), publicRead: true, clock: SystemWallClock())
        let origins = OriginPolicy(allowed: [], publicRead: true, checksHost: true, machineName: "")
        let routes = Router([
            StatusController(
                fleets: fleets, authenticator: authenticator, origins: origins, loops: [],
                makers: OffLoopWork(for: [])),
            LiveController(
                hub: LiveHub(
                    group: group, broadcast: broadcast, fleets: fleets, authenticator: authenticator),
                origins: origins, publicRead: true),
        ])
        return EndpointServer(
            EndpointConfiguration(), on: group, router: routes, observer: SilentObserver(),
            errorResponder: ErrorMapping.responder(logger: logger))
    }

    private func run(_ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let (ready, tell) = AsyncStream<Void>.makeStream()
            tasks.addTask { try await recorder.run { tell.yield() } }
            tasks.addTask { try await trackers.run { tell.yield() } }
            var started = ready.makeAsyncIterator()
            _ = await started.next()
            _ = await started.next()
            try await endpoint.start()
            do { try await body() } catch {
                await stop(&tasks)
                throw error
            }
            await stop(&tasks)
        }
    }

    private func stop(_ tasks: inout ThrowingTaskGroup<Void, any Error>) async {
        store.release()
        await endpoint.drain(within: .zero)
        tasks.cancelAll()
        while (try? await tasks.next()) != nil {}
        for pool in pools { await pool.stop() }
        await group.stop()
    }

    // MARK: What tests do

    /// A subscriber of a fleet, on a real socket.
    func subscriber(of id: FleetID) async throws -> LiveClient {
        try await LiveClient(port: try port, path: "/api/v1/fleets/\(id)/live")
    }

    /// The response to `GET status`.
    func status(of id: FleetID) async throws -> RawResponse {
        let client = try RawClient(port: try port)
        try await client.send("GET /api/v1/fleets/\(id)/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return try await client.response()
    }

    private var port: UInt16 {
        get throws {
            guard let port = endpoint.port else { throw BenchError.notListening }
            return port
        }
    }

    /// One fix per vehicle, recorded `second` seconds after the bench's start.
    @discardableResult
    func ingest(_ vehicles: [String], at second: Int, into id: FleetID) async throws -> IngestReceipt {
        let fixes = vehicles.enumerated().compactMap { ordinal, name in
            VehicleID(name).map { vehicle in
                NumberedFix(
                    ordinal: ordinal,
                    fix: Fix(
                        vehicleID: vehicle, recordedAt: Self.time(at: second),
                        latitudeDegrees: 53, longitudeDegrees: 9.9))
            }
        }
        let now = SystemWallClock().now()
        let post = PendingPost(postID: .make(at: now), fleetID: id, receivedAt: now, bodyBytes: 100)
        return try await fleets.ingest(
            FixBatch(fixes: fixes), as: post, by: fleets.recorder.deadline)
    }

    /// 50 minutes ago, so that seconds after it are not in the future.
    static let start = SystemWallClock().now().advanced(by: .seconds(-3_000))

    static func time(at second: Int) -> Timestamp { start.advanced(by: .seconds(second)) }

    /// The newest row of each vehicle in the table: `vehicle@milliseconds`.
    func newestRows(of id: FleetID) async throws -> [String] {
        let rows = try await pools[0].query(
            """
            SELECT v.vehicle_id, max(x.recorded_at) FROM fixes x JOIN vehicles v USING (vehicle_key)
            JOIN fleets f USING (fleet_key) WHERE f.fleet_id = $1 GROUP BY v.vehicle_id
            """, [.text(id.rawValue)])
        return try rows.map { "\(try $0.string(0))@\(try $0.milliseconds(1))" }.sorted()
    }

    /// Returns once the tracker of a fleet has published what meets a condition.
    /// - Parameter condition: of the fleet's snapshot. Each published event may make it true.
    /// - Throws: `TestFailure` after 20 s.
    func wait(
        for id: FleetID, until condition: @escaping @Sendable (FleetSnapshot) -> Bool
    ) async throws {
        let isMet = await published.wait(within: .seconds(20)) { _ in
            fleets.snapshot(of: id).map(condition) ?? false
        }
        guard isMet else { throw TestFailure("the snapshot of \(id) is \(positions(of: id))") }
    }

    /// Returns once memory is what the table says. The table must not change meanwhile.
    func waitUntilMemoryIsTable(_ id: FleetID) async throws {
        let rows = try await newestRows(of: id)
        try await wait(for: id) { _ in positions(of: id) == rows }
    }

    /// The newest position of each vehicle in memory: `vehicle@milliseconds`.
    func positions(of id: FleetID) -> [String] {
        (fleets.snapshot(of: id)?.sortedVehicles ?? []).map {
            "\($0.vehicleID)@\($0.newest.fix.recordedAt.milliseconds)"
        }.sorted()
    }

    enum BenchError: Error { case notListening }
}
