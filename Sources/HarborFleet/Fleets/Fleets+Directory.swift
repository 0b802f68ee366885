package import StoreCache
package import Supervision
internal import Synchronization

extension Fleets {
    /// Every fleet, sorted by id. Served from memory once the list has been loaded.
    package func fleets() async throws(FleetError) -> [Fleet] {
        if let all = listedFleets { return all }
        do throws(StoreError) {
            return try await fleetStore.fleets().sorted { $0.id < $1.id }
        } catch {
            throw FleetError(error)
        }
    }

    /// Every fleet, sorted by id once per change of the directory; nil before the first load.
    private var listedFleets: [Fleet]? {
        let version = directory.version
        if let sorted = sortedFleets.withLock({ $0 }), sorted.version == version { return sorted.fleets }
        guard let fleets = directory.list?.sorted(by: { $0.id < $1.id }) else { return nil }
        sortedFleets.withLock { $0 = (version, fleets) }
        return fleets
    }

    /// Returns one fleet.
    ///
    /// An unknown id is looked up in the store, so that a new fleet is seen at once, as long as the cold lane has
    /// room. Without room, the id counts as unknown while the list of fleets is fresh.
    /// - Parameter requester: the requester whose share of the cold lane the look-up uses; nil when the id does not
    ///   come from an unauthenticated client.
    package func fleet(_ id: FleetID, askedBy requester: Requester?) async throws(FleetError) -> Fleet {
        let fleet: Fleet?
        do throws(StoreError) {
            fleet = try await directory.value(for: id, askedBy: requester)
        } catch {
            throw FleetError(error)
        }
        guard let fleet else { throw .unknownFleet }
        return fleet
    }

    /// Whether the fleet certainly does not exist, judged without asking the store.
    package func isCertainlyUnknown(_ id: FleetID) -> Bool { directory.isCertainlyAbsent(id) }

    /// A component that polls the store's revision twice a second and loads the fleets when the revision has
    /// changed.
    ///
    /// After any failure the component asks the store again: the store may be unreachable, or its schema may not
    /// exist yet. Fleets that are already known stay known.
    /// - Parameter onFailure: called when the store fails; not called again while the store fails with the same
    ///   error.
    package func refresherSpec(
        onFailure: @escaping @Sendable (StoreError) -> Void = { _ in }
    ) -> ChildSpec {
        ChildSpec(id: "directory-refresher") { [self] context in
            // A call that comes before the first load asks the store itself.
            context.ready()
            // A full mailbox loses nothing: the revision is sent again at the next poll.
            let revisions = Mailbox<Int64>(capacity: 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.watchRevision(revisions, onFailure) }
                group.addTask { await self.load(revisions, onFailure) }
                try await group.waitForAll()
            }
        }
    }

    /// Waits only for the revision, never for a load. A change is announced in time even while the lists for the
    /// previous change are still being read.
    private func watchRevision(
        _ revisions: Mailbox<Int64>,
        _ onFailure: @Sendable (StoreError) -> Void
    ) async throws {
        var lastFailure: StoreError?
        try await PeriodicJob(clock: dependencies.clock).run {
            let askedAt = dependencies.clock.now()
            await telling(onFailure, &lastFailure) { () async throws(StoreError) in
                _ = revisions.send(try await toldRevision())
            }
            return .at(askedAt + configuration.refreshInterval)
        }
    }

    private func load(_ revisions: Mailbox<Int64>, _ onFailure: @Sendable (StoreError) -> Void) async {
        var lastFailure: StoreError?
        while let revision = await revisions.receive()?.last {
            await telling(onFailure, &lastFailure) { () async throws(StoreError) in
                _ = try await load(revision)
            }
        }
    }

    /// Runs `body`, and reports its failure unless the previous failure was the same.
    private func telling(
        _ onFailure: (StoreError) -> Void, _ last: inout StoreError?,
        _ body: () async throws(StoreError) -> Void
    ) async {
        do throws(StoreError) {
            try await body()
            last = nil
        } catch {
            if error != last { onFailure(error) }
            last = error
        }
    }

    /// Reads the revision and announces a change before it waits for anything else. A revoked token must not stay
    /// valid until long or failing lists are read, or until trackers have stopped.
    func toldRevision() async throws(StoreError) -> Int64 {
        let askedAt = dependencies.clock.now()
        let number = try await fleetStore.revision()
        revision.heard(number, askedAt: askedAt)
        return number
    }

    /// - Returns: whether the fleets were loaded.
    func load(_ number: Int64) async throws(StoreError) -> Bool {
        let isChanged = number != loadedRevision.withLock { $0 } || !directory.isComplete
        guard isChanged || removalsAreRecent.load(ordering: .relaxed) else { return false }
        // Long lists must not block an event loop.
        try await withTaskExecutorPreference(globalConcurrentExecutor) { () throws(StoreError) in
            try await tellOfRemovals()
            if isChanged { try await reload(number) }
        }
        return isChanged
    }

    private func reload(_ number: Int64) async throws(StoreError) {
        let replaced = try await directory.load { () async throws(StoreError) in
            let fleets = try await fleetStore.fleets()
            return (Dictionary(fleets.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }), true)
        }
        // If the number differs from the list's revision, it is the older of the two: the next poll then sees the
        // change in between.
        loadedRevision.withLock { $0 = number }
        // A fleet that was removed and added again under the same id is a different fleet.
        let gone = (replaced ?? []).filter { old in
            guard case .value(let new, _) = directory.known(old.id) else { return true }
            return new.incarnation != old.incarnation
        }
        await withDiscardingTaskGroup { group in
            for fleet in gone { group.addTask { await self.removed(fleet.id) } }
        }
    }

    /// Sends the running trackers the vehicles that were removed lately.
    ///
    /// It does so repeatedly while a removal is recent: fixes in flight, or rows that were read before
    /// the removal, may bring the vehicle back into memory for a moment.
    private func tellOfRemovals() async throws(StoreError) {
        let askedAt = dependencies.wallClock.now()
        let removals = try await fleetStore.recentRemovals(within: configuration.removalsAreRecentFor)
        removalsAreRecent.store(!removals.isEmpty, ordering: .relaxed)
        for (id, removals) in Dictionary(grouping: removals, by: \.fleetID) {
            // If the mailbox is full, the next round sends the removals again.
            _ = registry.value(for: id)?.mailbox.send(.removals(removals, askedAt: askedAt))
        }
    }

    /// Stops a removed fleet's tracker and publishes to its subscribers that it has ended.
    ///
    /// The entry is removed first: a fleet that is added again under the same id must not get it.
    private func removed(_ id: FleetID) async {
        let entry = forgetEntry(of: id)
        // Event loops keep the cell. It is closed first, so that they do not respond from it until the tracker has
        // ended.
        let last = entry?.cell.close()
        await supervisor.stop(id: id.rawValue)
        guard let last else { return }
        let event = LiveEvent(
            fleetID: id, epoch: last.epoch, seq: last.seq, generation: last.generation, kind: .ended)
        dependencies.sink.publish([event], of: id)
        if case .value = directory.known(id) { return }
        registry.forget(id)
    }
}
