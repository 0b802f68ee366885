internal import HarborFleet

/// The fleets with their counts. A fleet whose tracker does not run yet is started; one that cannot be had just
/// now (quarantined, no database) is listed without counts.
struct FleetOverview: Sendable {
    struct Line: Sendable {
        let fleet: Fleet
        let counts: StateCounts?
    }

    let fleets: FleetContext

    /// The fleets in the reader's scope, by id.
    func fleets(visibleTo identity: Identity) async throws -> [Line] {
        let visible = try await fleets.fleets().filter { identity.scope.contains($0.id) }
        var lines: [Line] = []
        for fleet in visible.sorted(by: { $0.id < $1.id }) {
            lines.append(Line(fleet: fleet, counts: await counts(of: fleet.id)))
        }
        return lines
    }

    private func counts(of id: FleetID) async -> StateCounts? {
        if let snapshot = fleets.snapshot(of: id) { return snapshot.counts }
        return try? await fleets.status(of: id).counts
    }
}
