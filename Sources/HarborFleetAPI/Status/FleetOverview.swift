internal import FleetAccess
package import HarborFleet

/// Lists the fleets with their counts. It starts the trackers that do not run yet; a fleet whose tracker cannot
/// start now (quarantined, no database) is listed without counts.
package struct FleetOverview: Sendable {
    package struct Line: Sendable {
        package let fleet: Fleet
        package let counts: StateCounts?
    }

    /// The fleets in a reader's scope as memory holds them, by id.
    struct Listing: Sendable {
        let lines: [Line]
        /// Fleets whose tracker does not run.
        let cold: [FleetID]
    }

    private enum Outcome {
        case started
        case fails
        case unavailable
        /// Waiting longer would not help.
        case over
    }

    private static let startsAtOnce = 16
    /// How long to wait for a further tracker after the last one became ready.
    private static let patience: Duration = .milliseconds(500)
    private static let lookInterval: Duration = .milliseconds(20)

    let fleets: Fleets

    /// The fleets in the scope. Visits each of the server's fleets, which is too long for an event loop.
    func listing(of scope: Scope) async throws(FleetError) -> Listing {
        var cold: [FleetID] = []
        let lines = try await fleets.fleets().filter { scope.contains($0.id) }.map { fleet in
            let snapshot = fleets.snapshot(of: fleet.id)
            if snapshot == nil { cold.append(fleet.id) }
            return Line(fleet: fleet, counts: snapshot?.counts)
        }
        return Listing(lines: lines, cold: cold)
    }

    /// Starts trackers, at most `startsAtOnce` at a time, and waits while they keep becoming ready and the store
    /// responds. Trackers that are not ready by then continue to start by themselves. Once the database turns
    /// out to be unavailable, no further tracker is tried.
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

    /// Returns when the store is unavailable, or no tracker became ready for `patience`.
    private func patienceEnds(for cold: [FleetID]) async -> Outcome {
        var missing = cold
        var end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end, !Task.isCancelled, !missing.contains(where: fleets.waitsForStore) {
            let rest = missing.filter { fleets.snapshot(of: $0) == nil }
            if rest.count < missing.count { end = .now + Self.patience }
            missing = rest
            // A tracker notifies only callers that wait for it, so this polls. The task is cancelled when no
            // tracker is missing.
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
