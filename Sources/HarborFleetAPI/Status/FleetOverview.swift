internal import FleetAccess
package import HarborFleet

/// The fleets with their counts. A fleet whose tracker does not run yet is started; one that cannot be had just
/// now (quarantined, no database) is listed without counts.
package struct FleetOverview: Sendable {
    package struct Line: Sendable {
        package let fleet: Fleet
        package let counts: StateCounts?
    }

    /// The fleets in a reader's scope as memory has them, by id.
    struct Listing: Sendable {
        let lines: [Line]
        /// Those whose tracker does not run.
        let cold: [FleetID]
    }

    private enum Outcome {
        case started
        case fails
        case unavailable
        /// Further waiting is in vain.
        case over
    }

    private static let startsAtOnce = 16
    /// How long a tracker is waited for when no other one comes meanwhile.
    private static let patience: Duration = .milliseconds(500)
    private static let lookInterval: Duration = .milliseconds(20)

    let fleets: Fleets

    /// The fleets in the scope. Costs a look at each of the server's fleets: nothing for an event loop.
    func listing(of scope: Scope) async throws(FleetError) -> Listing {
        var cold: [FleetID] = []
        let lines = try await fleets.fleets().filter { scope.contains($0.id) }.map { fleet in
            let snapshot = fleets.snapshot(of: fleet.id)
            if snapshot == nil { cold.append(fleet.id) }
            return Line(fleet: fleet, counts: snapshot?.counts)
        }
        return Listing(lines: lines, cold: cold)
    }

    /// Starts trackers side by side, and waits for them while they come and the store is there. Those that are left go
    /// on without us. Once one cannot be had because the database is away, no further one is tried.
    func start(_ cold: [FleetID]) async {
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
                case .started, .fails: break
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
            _ = try await fleets.status(of: id)
            return .started
        } catch {
            if case .unavailable = error { return .unavailable }
            return .fails
        }
    }
}
