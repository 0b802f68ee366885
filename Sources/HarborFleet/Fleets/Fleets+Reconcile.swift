internal import StoreCache
package import Supervision

extension Fleets {
    /// A component that merges the newest rows into every tracker, every `HARBOR_RECONCILE_S`. A tracker that is
    /// known to have missed rows gets them within a second.
    ///
    /// The interval bounds how long memory can stay behind the table after any kind of loss. It also lets two
    /// servers on one database converge.
    package var reconcilerSpec: ChildSpec {
        ChildSpec(id: "reconciler") { [self] context in
            context.ready()
            let clock = dependencies.clock
            var nextRound = clock.now() + configuration.reconcileInterval
            // The delay has two reasons: a tracker that missed rows is likely to miss more at once, and a store
            // that is unreachable must not be asked in a tight loop.
            let job = PeriodicJob(wokenBy: misses, afterDelayOf: .seconds(1), clock: clock)
            try await job.run {
                let missed = takeMisses()
                let isRound = clock.now() >= nextRound
                for id in isRound ? enteredFleets : Array(missed) { await reconcile(id) }
                if isRound { nextRound = clock.now() + configuration.reconcileInterval }
                return .at(nextRound)
            }
        }
    }

    /// Records that the fleet's tracker has missed rows.
    func noteMiss(of id: FleetID) {
        unmerged.withLock { _ = $0.insert(id) }
        misses.raise()
    }

    private func takeMisses() -> Set<FleetID> {
        unmerged.withLock { unmerged in
            defer { unmerged = [] }
            return unmerged
        }
    }

    /// Merges the newest rows into one fleet's tracker. If the store is unavailable, the next round asks it again.
    ///
    /// Also called when another process that wrote to the same database has ended.
    package func reconcile(_ id: FleetID) async {
        guard let tracker = registry.value(for: id), !tracker.waitsForStore else { return }
        let askedAt = dependencies.wallClock.now()
        do throws(StoreError) {
            let rows = try await dependencies.store.newestFixes(of: id)
            guard !tracker.mailbox.send(.rows(rows, askedAt: askedAt)) else { return }
        } catch {}
        noteMiss(of: id)
    }

    /// Merges the newest rows into every tracker.
    package func reconcileAll() async {
        for id in enteredFleets { await reconcile(id) }
    }
}
