internal import Metrics
package import Supervision

extension FleetContext {
    /// A component that merges the newest rows into every tracker, every `HARBOR_RECONCILE_S`, and within a
    /// second into one that is known to have missed some. This bounds how long memory can stay behind the
    /// table, whatever happened, and lets two servers on one database converge.
    package var reconcilerSpec: ChildSpec {
        ChildSpec(id: "reconciler") { [self] context in
            context.ready()
            let clock = parts.clock
            var nextRound = clock.now() + configuration.reconcileInterval
            while !Task.isCancelled {
                let step = min(clock.now() + .seconds(1), nextRound)
                try await clock.sleep(until: step)
                let missed = unmerged.withLock { unmerged in
                    defer { unmerged = [] }
                    return unmerged
                }
                let isRound = clock.now() >= nextRound
                for id in isRound ? placedFleets : Array(missed) { await reconcile(id) }
                parts.metrics.trackers.record(placedFleets.count { snapshot(of: $0) != nil })
                if isRound { nextRound = clock.now() + configuration.reconcileInterval }
            }
        }
    }

    /// Merges the newest rows into one fleet's tracker; a store that is away is asked again next time.
    ///
    /// Also called when another process that wrote to the same database has ended.
    package func reconcile(_ id: FleetID) async {
        guard let tracker = registry.value(for: id), !tracker.waitsForStore else { return }
        let askedAt = parts.wallClock.now()
        do throws(StoreError) {
            let rows = try await parts.store.newestFixes(of: id)
            guard !tracker.mailbox.send(.rows(rows, askedAt: askedAt)) else { return }
        } catch {}
        unmerged.withLock { _ = $0.insert(id) }
    }

    /// Merges the newest rows into every tracker.
    package func reconcileAll() async {
        for id in placedFleets { await reconcile(id) }
    }
}
