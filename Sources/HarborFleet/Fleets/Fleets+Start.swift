internal import Supervision

extension Fleets {
    /// Starts the fleet's tracker unless it is there; of many callers the supervisor lets one start it.
    /// Returns once it serves.
    func startTracker(of id: FleetID, _ entry: FleetEntry) async throws(FleetError) {
        // While the store is away every caller would wait the whole time-out; the first one did.
        if waitsForStore(id) { throw .unavailable(retryAfter: .seconds(1)) }
        let spec = trackerSpec(of: id, entry)
        let deadline = Deadline(after: configuration.startTimeout, by: dependencies.clock)
        switch try? await deadline.limit({ await self.started(spec) }) {
        case .serves?: return
        case .quarantined(let remaining)?: throw .quarantined(retryAfter: remaining)
        case .unavailable?, nil: throw .unavailable(retryAfter: .seconds(1))
        }
    }

    /// Whether the fleet's tracker waits for a store that is away, so that nobody should wait for the tracker.
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
