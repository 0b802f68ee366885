package import Supervision
internal import Synchronization

extension FleetContext {
    /// Every fleet, by id; from memory once it was loaded.
    package func fleets() async throws(FleetError) -> [Fleet] {
        if let all = directory.all { return all }
        do throws(StoreError) {
            return try await fleetStore.fleets().sorted { $0.id < $1.id }
        } catch {
            throw FleetError(error)
        }
    }

    /// One fleet. An id that is not known yet is looked up at once, so that an addition is seen at once; the
    /// store is asked at most once a second for an id that it does not have.
    package func fleet(_ id: FleetID) async throws(FleetError) -> Fleet {
        switch directory.answer(for: id, now: parts.clock.now()) {
        case .known(let fleet): return fleet
        case .unknown: throw .unknownFleet
        case .notSure: return try await lookedUp(id)
        }
    }

    private func lookedUp(_ id: FleetID) async throws(FleetError) -> Fleet {
        let generation = directory.generation
        let fleet: Fleet?
        do throws(StoreError) {
            fleet = try await fleetStore.fleet(id)
        } catch {
            throw FleetError(error)
        }
        directory.learned(fleet, for: id, generation: generation, now: parts.clock.now())
        guard let fleet else { throw .unknownFleet }
        return fleet
    }

    /// A component that asks for the store's revision twice a second, and has the fleets loaded when it changed.
    ///
    /// A store that fails is asked again, whatever it says: it may be away, or its schema not made yet. What is
    /// known stays known.
    /// - Parameters:
    ///   - onChange: called after each change of the revision: caches of partners and tokens are stale.
    ///   - onFailure: called when the store fails, once for as long as it says the same.
    package func refresherSpec(
        onChange: @escaping @Sendable () -> Void = {},
        onFailure: @escaping @Sendable (StoreError) -> Void = { _ in }
    ) -> ChildSpec {
        ChildSpec(id: "directory-refresher") { [self] context in
            // Who asks before the first answer is here asks the store.
            context.ready()
            // A full box will do: the revision is sent again.
            let revisions = Mailbox<Int64>(capacity: 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.watchRevision(revisions, onChange, onFailure) }
                group.addTask { await self.load(revisions, onFailure) }
                try await group.waitForAll()
            }
        }
    }

    /// Waits for nothing but the revision: the next change is told in time however long the lists take that the last one
    /// made necessary.
    private func watchRevision(
        _ revisions: Mailbox<Int64>, _ onChange: @Sendable () -> Void,
        _ onFailure: @Sendable (StoreError) -> Void
    ) async throws {
        var lastFailure: StoreError?
        while !Task.isCancelled {
            do throws(StoreError) {
                _ = revisions.send(try await toldRevision(onChange))
                lastFailure = nil
            } catch {
                if error != lastFailure { onFailure(error) }
                lastFailure = error
            }
            let clock = parts.clock
            try await clock.sleep(until: clock.now() + configuration.refreshInterval)
        }
    }

    private func load(_ revisions: Mailbox<Int64>, _ onFailure: @Sendable (StoreError) -> Void) async {
        var lastFailure: StoreError?
        while let revision = await revisions.receive()?.last {
            do throws(StoreError) {
                _ = try await load(revision)
                lastFailure = nil
            } catch {
                if error != lastFailure { onFailure(error) }
                lastFailure = error
            }
        }
    }

    /// One round at a stretch, with all that a change makes necessary: for tests, which want to know when it is over.
    /// - Returns: whether anything changed.
    func refresh(onChange: () -> Void = {}) async throws(StoreError) -> Bool {
        try await load(try await toldRevision(onChange))
    }

    /// Asks for the revision, and tells of its change before anything is waited for: a revoked token must not wait for
    /// lists that may be long, or fail, nor for trackers to stop.
    private func toldRevision(_ onChange: () -> Void) async throws(StoreError) -> Int64 {
        let revision = try await fleetStore.revision()
        guard directory.isNew(revision) else { return revision }
        // Nor are large caches an event loop's business, where the revision is asked for.
        await withTaskExecutorPreference(globalConcurrentExecutor) { onChange() }
        return revision
    }

    /// - Returns: whether the fleets were loaded.
    private func load(_ revision: Int64) async throws(StoreError) -> Bool {
        let isChanged = revision != directory.revision
        guard isChanged || removalsAreRecent.load(ordering: .relaxed) else { return false }
        // Long lists are none of an event loop's business.
        try await withTaskExecutorPreference(globalConcurrentExecutor) { () throws(StoreError) in
            try await tellOfRemovals()
            if isChanged { try await reload(revision) }
        }
        return isChanged
    }

    private func reload(_ revision: Int64) async throws(StoreError) {
        directory.loading()
        // The revision is older than the list, if anything: a change in between is seen by the next round.
        let gone = directory.loaded(try await fleetStore.fleets(), revision: revision)
        await withDiscardingTaskGroup { group in
            for id in gone { group.addTask { await self.removed(id) } }
        }
    }

    /// Tells the running trackers which vehicles were removed lately.
    ///
    /// Again and again while they are recent: what was on its way when a vehicle was removed, fixes or rows that
    /// were asked for before, may bring it back into memory for a moment.
    private func tellOfRemovals() async throws(StoreError) {
        let askedAt = parts.wallClock.now()
        let removals = try await fleetStore.recentRemovals(within: configuration.removalsAreRecentFor)
        removalsAreRecent.store(!removals.isEmpty, ordering: .relaxed)
        for (id, removals) in Dictionary(grouping: removals, by: \.fleetID) {
            // A full mailbox is told next time.
            _ = registry.value(for: id)?.mailbox.send(.removals(removals, askedAt: askedAt))
        }
    }

    /// Stops a removed fleet's tracker and tells its subscribers.
    ///
    /// Its place goes first: a fleet of the same id that was added again must not get it.
    private func removed(_ id: FleetID) async {
        let place = forgetPlace(of: id)
        // Loops keep the cell: they are not to answer from it until the tracker has ended.
        let last = place?.cell.close()
        await supervisor.stop(id: id.rawValue)
        guard let last else { return }
        let event = LiveEvent(
            fleetID: id, epoch: last.epoch, seq: last.seq, generation: last.generation, kind: .ended)
        parts.sink.publish([event], of: id)
        if case .known = directory.answer(for: id, now: parts.clock.now()) { return }
        registry.forget(id)
    }
}
