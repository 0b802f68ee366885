internal import Supervision

extension Fleets {
    /// Starts the fleet's tracker unless it is running. Among concurrent callers the supervisor lets only one start
    /// it. Returns once the tracker serves.
    func startTracker(of id: FleetID, _ entry: FleetEntry) async throws(FleetError) {
        // While the store is unreachable every caller would wait for the whole time-out. Only the first caller
        // does; later ones fail at once.
        if waitsForStore(id) { throw .unavailable(retryAfter: .seconds(1)) }
        let spec = trackerSpec(of: id, entry)
        let deadline = Deadline(after: configuration.startTimeout, by: dependencies.clock)
        switch try? await deadline.limit({ await self.started(spec) }) {
        case .serves?: return
        case .quarantined(let remaining)?: throw .quarantined(retryAfter: remaining)
        case .unavailable?, nil: throw .unavailable(retryAfter: .seconds(1))
        }
    }

    /// Whether the fleet's tracker is waiting for an unreachable store. Callers should then not wait for the
    /// tracker.
    package func waitsForStore(_ id: FleetID) -> Bool { registry.value(for: id)?.waitsForStore == true }

    private enum StartOutcome {
        case serves
        case quarantined(Duration)
        case unavailable
    }

    private func started(_ spec: ChildSpec) async -> StartOutcome {
        do throws(SupervisorError) {
            try await supervisor.ensureReady(spec)
            return .serves
        } catch {
            guard case .quarantined(_, let remaining) = error else { return .unavailable }
            return .quarantined(remaining)
        }
    }
}
