internal import StoreCache
package import Supervision

extension Fleets {
    /// A component that merges the newest rows into every tracker, every `HARBOR_RECONCILE_S`, and within a
    /// second into one that is known to have missed some. This bounds how long memory can stay behind the
    /// table, whatever happened, and lets two servers on one database converge.
    package var reconcilerSpec: ChildSpec {
        ChildSpec(id: "reconciler") { [self] context in
            context.ready()
            let clock = dependencies.clock
            var nextRound = clock.now() + configuration.reconcileInterval
            // A tracker that missed some is likely to miss more at once, and a store that is away is not hurried.
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

    /// The fleet's tracker is known to have missed rows.
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

    /// Merges the newest rows into one fleet's tracker; a store that is away is asked again next time.
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
