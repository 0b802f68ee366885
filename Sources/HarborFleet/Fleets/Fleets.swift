internal import Metrics
package import StoreCache
package import Supervision
import Synchronization

/// The fleets of the server: which fleets exist, where their vehicles are, and how fixes come in.
///
/// ```swift
/// if let snapshot = fleets.snapshot(of: id) { return snapshot.encodeStatus() }   // at once, no await
/// let receipt = try await fleets.ingest(batch, as: post, by: deadline)           // durable when it returns
/// ```
/// The server must run the two components `refresherSpec` and `reconcilerSpec`, and also the recorder and the
/// trackers' supervisor that are passed to `init`.
package final class Fleets: Sendable {
    /// Chooses the executor of a fleet's tracker; nil means the default executor.
    package typealias ExecutorChoice = @Sendable (FleetID) -> (any TaskExecutor)?

    let configuration: FleetConfiguration
    let fleetStore: any FleetStore
    package let recorder: FixRecorder
    let supervisor: DynamicSupervisor
    let dependencies: TrackerDependencies
    /// The fleets that exist.
    let directory: RevisionedCache<FleetID, Fleet>
    let revision: RevisionClock
    /// The revision of the fleets in `directory`.
    let loadedRevision = Mutex<Int64?>(nil)
    let sortedFleets = Mutex<(version: UInt64, fleets: [Fleet])?>(nil)
    let registry = Registry<FleetID, Tracker>()
    let unmerged = Mutex<Set<FleetID>>([])
    /// Raised when `unmerged` gets an entry.
    let misses = Signal()
    /// Whether the store reported recent removals when it was last asked.
    let removalsAreRecent = Atomic<Bool>(false)
    private let executor: ExecutorChoice
    private let entries = Mutex<[FleetID: FleetEntry]>([:])

    /// - Parameters:
    ///   - trackers: the supervisor of the trackers and of nothing else: its child ids are fleet ids.
    ///   - sink: receives the live events.
    ///   - coldLane, revision: shared by all caches of a server.
    ///   - executor: chooses where a fleet's tracker runs.
    package init(
        configuration: FleetConfiguration, fixStore: any FixStore, fleetStore: any FleetStore,
        recorder: FixRecorder, trackers: DynamicSupervisor, sink: any LiveEventSink,
        coldLane: ColdLane = ColdLane(), revision: RevisionClock? = nil,
        clock: any SupervisionClock = SystemSupervisionClock(),
        wallClock: any WallClock = SystemWallClock(),
        executor: @escaping ExecutorChoice = { _ in nil }
    ) {
        self.configuration = configuration
        self.fleetStore = fleetStore
        self.recorder = recorder
        self.executor = executor
        supervisor = trackers
        dependencies = TrackerDependencies(
            store: fixStore, sink: sink, clock: clock, wallClock: wallClock,
            configuration: configuration.tracker)
        let revision = revision ?? RevisionClock(clock: clock)
        self.revision = revision
        var rules = RevisionedCacheRules()
        // The cache holds every fleet that exists, each until a list says otherwise.
        rules.values = .max
        rules.age = nil
        rules.outlivesChanges = true
        directory = RevisionedCache(
            rules: rules, coldLane: coldLane, revision: revision, clock: clock
        ) { ids async throws(StoreError) in try await fleetStore.fleets(ids) }
    }

    /// The fleet's current snapshot, at once and from any thread; nil while its tracker does not serve.
    package func snapshot(of id: FleetID) -> FleetSnapshot? {
        cell(of: id)?.snapshot
    }

    /// The cell in which the fleet's tracker publishes; nil until the fleet's status is first requested. The cell
    /// stays the same while the fleet exists, so an event loop may keep it.
    package func cell(of id: FleetID) -> SnapshotCell? {
        entries.withLock { $0[id]?.cell }
    }

    /// What a subscriber missed since `position`; nil when a complete sequence cannot be given.
    package func resume(_ id: FleetID, since position: StreamPosition) -> Resumption? {
        cell(of: id)?.resume(since: position)
    }

    /// Returns the fleet's snapshot. Starts the tracker if it is not running, and waits until it serves.
    /// - Parameter requester: see `fleet(_:askedBy:)`.
    package func status(
        of id: FleetID, askedBy requester: Requester? = nil
    ) async throws(FleetError) -> FleetSnapshot {
        if let snapshot = snapshot(of: id) { return snapshot }
        _ = try await fleet(id, askedBy: requester)
        let entry = entry(of: id)
        try await startTracker(of: id, entry)
        guard let snapshot = entry.cell.snapshot else { throw .unavailable(retryAfter: .seconds(1)) }
        return snapshot
    }

    /// The fleets whose trackers failed too often, sorted.
    package var quarantined: [String] { supervisor.quarantined }

    func entry(of id: FleetID) -> FleetEntry {
        entries.withLock { entries in
            if let entry = entries[id] { return entry }
            let entry = FleetEntry(configuration)
            entries[id] = entry
            return entry
        }
    }

    func forgetEntry(of id: FleetID) -> FleetEntry? {
        entries.withLock { $0.removeValue(forKey: id) }
    }

    /// The fleets whose trackers have been started.
    var enteredFleets: [FleetID] {
        entries.withLock { Array($0.keys) }
    }

    func trackerSpec(of id: FleetID, _ entry: FleetEntry) -> ChildSpec {
        ChildSpec(
            id: id.rawValue,
            inspect: { [registry] in ChildInspection(mailboxLength: registry.value(for: id)?.mailbox.count) },
            run: { [self] context in try await runTracker(of: id, entry, context) })
    }

    private func runTracker(of id: FleetID, _ entry: FleetEntry, _ context: ChildContext) async throws {
        let tracker = Tracker(
            fleetID: id, generation: context.generation, cell: entry.cell, dependencies: dependencies)
        // Closed before the next tracker registers, so that `send` fails for every caller that still holds this
        // tracker.
        defer { tracker.mailbox.close() }
        try await registry.withRegistration(of: tracker, for: id, generation: context.generation) {
            try await withTaskExecutorPreference(executor(id)) {
                try await tracker.run(onReady: context.ready)
            }
        }
    }
}

/// The part of a fleet that stays while its trackers are replaced.
final class FleetEntry: Sendable {
    let cell: SnapshotCell
    let quota: VehicleQuota

    init(_ configuration: FleetConfiguration) {
        cell = SnapshotCell(eventsHeld: configuration.tracker.eventsHeld)
        quota = VehicleQuota(maximum: configuration.maximumVehicles)
    }
}
