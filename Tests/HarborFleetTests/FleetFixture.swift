import HarborFleetTesting
import StoreCache
import Supervision
import Synchronization

@testable import HarborFleet

/// Fleets on memory stores and manual clocks, with everything running that they need.
struct FleetFixture: Sendable {
    let fixes: MemoryFixStore
    let fleetStore: MemoryFleetStore
    let log = EventLog()
    let clock = ManualClock()
    let wallClock = ManualWallClock(Samples.now)
    let coldLane = ColdLane()
    let fleets: Fleets
    /// The clock of POSTs.
    let recorderClock = ManualClock()
    private let recorder: FixRecorder
    private let trackers: DynamicSupervisor

    /// - Parameter fixes: two fixtures with the same store are two servers on one database.
    init(
        fleets: [FleetID], configuration: FleetConfiguration = FleetConfiguration(),
        fixes: MemoryFixStore = MemoryFixStore()
    ) {
        self.fixes = fixes
        fleetStore = MemoryFleetStore(fleets)
        // The recorder has a clock of its own that stands still. Its sleepers must not count among those of `clock`.
        recorder = FixRecorder(store: fixes, clock: recorderClock)
        trackers = DynamicSupervisor(
            name: "trackers", intensity: FleetConfiguration.trackerIntensity, clock: clock)
        self.fleets = Fleets(
            configuration: configuration, fixStore: fixes, fleetStore: fleetStore, recorder: recorder,
            trackers: trackers, sink: log, coldLane: coldLane, clock: clock, wallClock: wallClock)
    }

    /// Runs `body` with a running fixture of one fleet.
    static func run(_ body: (FleetFixture, FleetID) async throws -> Void) async throws {
        let id = try Samples.fleet()
        let fixture = FleetFixture(fleets: [id])
        try await fixture.run { try await body(fixture, id) }
    }

    /// Runs `body` beside the recorder and the trackers' supervisor.
    func run(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (ready, tell) = AsyncStream<Void>.makeStream()
            group.addTask { try await recorder.run { tell.yield() } }
            group.addTask { try await trackers.run { tell.yield() } }
            var started = ready.makeAsyncIterator()
            _ = await started.next()
            _ = await started.next()
            do { try await body() } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
    }

    func status(of id: FleetID) async throws -> FleetSnapshot { try await fleets.status(of: id) }

    func refresh() async throws -> Bool { try await fleets.refresh() }

    /// Sends fixes like a partner.
    @discardableResult
    func ingest(_ rows: [StoredFix], into id: FleetID) async throws -> IngestReceipt {
        let received = rows.first?.receivedAt ?? Samples.now
        return try await fleets.ingest(
            Samples.batch(rows), as: Samples.post(to: id, at: received), by: recorder.deadline)
    }

    /// Returns once the current epoch of the fleet has reached `seq`.
    func waitForSeq(_ seq: UInt64, of id: FleetID) async {
        await log.wait { events in
            guard let last = events.last(where: { $0.fleetID == id }) else { return false }
            return last.seq >= seq
        }
    }

    /// Returns once the earliest sleeper of the clock wakes in `duration`.
    func waitForDeadline(in duration: Duration) async {
        await clock.waitForDeadline(clock.now() + duration)
    }

    /// Waits for the deadline, moves both clocks to it, and waits for its effect.
    func pass(_ duration: Duration, untilSeq seq: UInt64, of id: FleetID) async {
        await waitForDeadline(in: duration)
        advance(by: duration)
        await waitForSeq(seq, of: id)
    }

    /// Moves both clocks.
    func advance(by duration: Duration) {
        wallClock.advance(by: duration)
        clock.advance(by: duration)
    }
}

extension MemoryFixStore {
    /// Holds all later records.
    /// - Returns: the gate that releases them.
    func holdingRecording() -> Gate {
        let gate = Gate()
        holdRecording { await gate.pass() }
        return gate
    }
}

/// Makes trackers fail at the request of a test.
final class Saboteur: Sendable {
    struct Sabotage: Error {}

    private let targets = Mutex<Set<VehicleID>>([])

    /// Decides whether later fixes of this vehicle crash the tracker.
    func target(_ vehicle: VehicleID, _ isTargeted: Bool = true) {
        targets.withLock { targets in
            if isTargeted { targets.insert(vehicle) } else { targets.remove(vehicle) }
        }
    }

    var hook: @Sendable (FleetID, [StoredFix]) throws -> Void {
        { [self] _, fixes in
            let isHit = targets.withLock { targets in fixes.contains { targets.contains($0.fix.vehicleID) } }
            if isHit { throw Sabotage() }
        }
    }
}

extension FixRecorder {
    /// Submits a POST that has just arrived.
    func submit(_ admission: Admission) async throws(FleetError) -> PostOutcome {
        try await submit(admission, by: deadline)
    }

    /// Submits a POST by a deadline, or as one that has just arrived, and returns its outcome.
    func result(
        of admission: Admission, by deadline: Deadline? = nil
    ) async -> Result<PostOutcome, FleetError> {
        do throws(FleetError) {
            return .success(try await submit(admission, by: deadline ?? self.deadline))
        } catch {
            return .failure(error)
        }
    }

    /// Returns once `count` POSTs wait for a transaction. This is a poll, because no event says that a POST begins to
    /// wait.
    func waitForPosts(_ count: Int) async {
        while state.withLock({ $0.waiting }) < count { await Task.yield() }
    }

    /// Returns once a batch has shown that the store is back. This is a poll, because no event says that a batch has ended
    /// whose callers have their responses already.
    func waitForStore() async {
        while storeFailure != nil { await Task.yield() }
    }
}

extension Fleets {
    /// Runs one round with everything that a change makes necessary.
    /// - Returns: whether anything changed.
    func refresh() async throws(StoreError) -> Bool {
        try await load(try await toldRevision())
    }
}
