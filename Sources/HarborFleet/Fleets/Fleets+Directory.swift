package import StoreCache
package import Supervision
internal import Synchronization

extension Fleets {
    /// Every fleet, by id; from memory once it was loaded.
    package func fleets() async throws(FleetError) -> [Fleet] {
        if let all = listedFleets { return all }
        do throws(StoreError) {
            return try await fleetStore.fleets().sorted { $0.id < $1.id }
        } catch {
            throw FleetError(error)
        }
    }

    /// Every fleet by id, sorted once per change; nil before the first load.
    private var listedFleets: [Fleet]? {
        let version = directory.version
        if let sorted = sortedFleets.withLock({ $0 }), sorted.version == version { return sorted.fleets }
        guard let fleets = directory.list?.sorted(by: { $0.id < $1.id }) else { return nil }
        sortedFleets.withLock { $0 = (version, fleets) }
        return fleets
    }

    /// One fleet. An id that is not known is looked up, so that an addition is seen at once, while the cold lane has room;
    /// without room it is unknown while the list of fleets is fresh.
    /// - Parameter requester: whose share of the cold lane that takes; nil for a caller that did not get the id from a
    ///   stranger.
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

    /// Whether there is no such fleet, as far as that is certain without asking the store.
    package func isCertainlyUnknown(_ id: FleetID) -> Bool { directory.isCertainlyAbsent(id) }

    /// A component that asks for the store's revision twice a second, and has the fleets loaded when it changed.
    ///
    /// A store that fails is asked again, whatever it says: it may be away, or its schema not made yet. What is
    /// known stays known.
    /// - Parameter onFailure: called when the store fails, once for as long as it says the same.
    package func refresherSpec(
        onFailure: @escaping @Sendable (StoreError) -> Void = { _ in }
    ) -> ChildSpec {
        ChildSpec(id: "directory-refresher") { [self] context in
            // Who asks before the first answer is here asks the store.
            context.ready()
            // A full box will do: the revision is sent again.
            let revisions = Mailbox<Int64>(capacity: 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.watchRevision(revisions, onFailure) }
                group.addTask { await self.load(revisions, onFailure) }
                try await group.waitForAll()
            }
        }
    }

    /// Waits for nothing but the revision: the next change is told in time however long the lists take that the last one
    /// made necessary.
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

    /// Runs `body`, and tells of its failure unless the last one said the same.
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

    /// Asks for the revision, and tells of its change before anything is waited for: a revoked token must not wait for
    /// lists that may be long, or fail, nor for trackers to stop.
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
        // Long lists are none of an event loop's business.
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
        // It is older than the list, if anything: the next round sees a change in between.
        loadedRevision.withLock { $0 = number }
        // A fleet that was added again since is not the one that was known.
        let gone = (replaced ?? []).filter { old in
            guard case .value(let new, _) = directory.known(old.id) else { return true }
            return new.incarnation != old.incarnation
        }
        await withDiscardingTaskGroup { group in
            for fleet in gone { group.addTask { await self.removed(fleet.id) } }
        }
    }

    /// Tells the running trackers which vehicles were removed lately.
    ///
    /// Again and again while they are recent: what was on its way when a vehicle was removed, fixes or rows that
    /// were asked for before, may bring it back into memory for a moment.
    private func tellOfRemovals() async throws(StoreError) {
        let askedAt = dependencies.wallClock.now()
        let removals = try await fleetStore.recentRemovals(within: configuration.removalsAreRecentFor)
        removalsAreRecent.store(!removals.isEmpty, ordering: .relaxed)
        for (id, removals) in Dictionary(grouping: removals, by: \.fleetID) {
            // A full mailbox is told next time.
            _ = registry.value(for: id)?.mailbox.send(.removals(removals, askedAt: askedAt))
        }
    }

    /// Stops a removed fleet's tracker and tells its subscribers.
    ///
    /// Its entry goes first: a fleet of the same id that was added again must not get it.
    private func removed(_ id: FleetID) async {
        let entry = forgetEntry(of: id)
        // Loops keep the cell: they are not to answer from it until the tracker has ended.
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
