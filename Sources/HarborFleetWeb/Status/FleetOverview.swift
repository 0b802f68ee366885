internal import HarborFleet

/// The fleets with their counts. A fleet whose tracker does not run yet is started; one that cannot be had just
/// now (quarantined, no database) is listed without counts.
struct FleetOverview: Sendable {
    struct Line: Sendable {
        let fleet: Fleet
        let counts: StateCounts?
    }

    private enum Outcome {
        case counts(FleetID, StateCounts)
        case fails
        case unavailable
        /// Nobody should wait any more.
        case over
    }

    private static let startsAtOnce = 16
    /// How long a tracker is waited for when no other one comes meanwhile.
    private static let patience: Duration = .milliseconds(500)
    private static let lookInterval: Duration = .milliseconds(20)

    let fleets: FleetContext

    /// The fleets in the reader's scope, by id.
    func fleets(visibleTo identity: Identity) async throws -> [Line] {
        let visible = try await fleets.fleets().filter { identity.scope.contains($0.id) }
        var counts: [FleetID: StateCounts] = [:]
        var cold: [FleetID] = []
        for id in visible.map(\.id) {
            if let snapshot = fleets.snapshot(of: id) {
                counts[id] = snapshot.counts
            } else {
                cold.append(id)
            }
        }
        await start(cold) { counts[$0] = $1 }
        return visible.sorted { $0.id < $1.id }.map { Line(fleet: $0, counts: counts[$0.id]) }
    }

    /// Starts trackers side by side, and waits for them while they come and the store is there. Those that are left go
    /// on without us. Once one cannot be had because the database is away, no further one is tried.
    private func start(_ cold: [FleetID], _ started: (FleetID, StateCounts) -> Void) async {
        // Nearly always all of them run.
        guard !cold.isEmpty else { return }
        await withTaskGroup(of: Outcome.self) { group in
            defer { group.cancelAll() }
            group.addTask { await patienceEnds(for: cold) }
            var waiting = cold[...]
            var underWay = 0
            while true {
                while underWay < Self.startsAtOnce, let id = waiting.popFirst() {
                    group.addTask { await outcome(of: id) }
                    underWay += 1
                }
                guard underWay > 0, let outcome = await group.next() else { return }
                underWay -= 1
                switch outcome {
                case .counts(let id, let counts): started(id, counts)
                case .fails: break
                case .unavailable: waiting = []
                case .over: return
                }
            }
        }
    }

    /// Returns when the store is away, or no tracker came for a while.
    private func patienceEnds(for cold: [FleetID]) async -> Outcome {
        var missing = cold
        var end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end, !Task.isCancelled, !missing.contains(where: fleets.waitsForStore) {
            let rest = missing.filter { fleets.snapshot(of: $0) == nil }
            if rest.count < missing.count { end = .now + Self.patience }
            missing = rest
            // Trackers tell only those who wait for one of them. Cancelled when there is nothing left to wait for.
            try? await Task.sleep(for: Self.lookInterval)
        }
        return .over
    }

    private func outcome(of id: FleetID) async -> Outcome {
        do throws(FleetError) {
            return .counts(id, try await fleets.status(of: id).counts)
        } catch {
            if case .unavailable = error { return .unavailable }
            return .fails
        }
    }
}
