internal import HarborFleet

/// The fleets with their counts. A fleet whose tracker does not run yet is started; one that cannot be had just
/// now (quarantined, no database) is listed without counts.
struct FleetOverview: Sendable {
    struct Line: Sendable {
        let fleet: Fleet
        let counts: StateCounts?
    }

    private enum Outcome {
        case counts(StateCounts)
        case fails
        case unavailable
    }

    private static let startsAtOnce = 16

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

    /// Starts trackers side by side. Once one cannot be had because the database is away, no further one is
    /// tried: each would wait its whole time-out.
    private func start(_ cold: [FleetID], _ started: (FleetID, StateCounts) -> Void) async {
        await withTaskGroup(of: (FleetID, Outcome).self) { group in
            for id in cold.prefix(Self.startsAtOnce) { group.addTask { (id, await outcome(of: id)) } }
            var waiting = cold.dropFirst(Self.startsAtOnce)
            while let (id, outcome) = await group.next() {
                switch outcome {
                case .counts(let counts): started(id, counts)
                case .fails: break
                case .unavailable: waiting = []
                }
                if let next = waiting.popFirst() { group.addTask { (next, await self.outcome(of: next)) } }
            }
        }
    }

    private func outcome(of id: FleetID) async -> Outcome {
        do throws(FleetError) {
            return .counts(try await fleets.status(of: id).counts)
        } catch {
            if case .unavailable = error { return .unavailable }
            return .fails
        }
    }
}
