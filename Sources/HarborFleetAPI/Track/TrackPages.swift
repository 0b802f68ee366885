internal import FleetWire
internal import HarborFleet
internal import Supervision

/// Fetches a track page by page, each when it is asked for.
struct TrackPages: Sendable {
    let store: any TrackStore
    let fleetID: FleetID
    let vehicle: TrackedVehicle
    /// Bounds the pages that are read from the store at a time.
    let line: AsyncSemaphore
    var progress: TrackProgress

    /// Where a later request continues; known once `next` has returned nil.
    var cursor: TrackCursor? { progress.next }

    /// Whether the line through all requested fixes crosses the antimeridian. This is determined before the
    /// first page, so a fix that is stored later is missed: where that one crosses, the line is not split.
    @inline(never)
    func crossesAntimeridian() async throws -> Bool {
        await line.acquire()
        defer { line.release() }
        try Task.checkCancellation()
        return try await store.crossesAntimeridian(
            vehicle, in: progress.period, limit: progress.remaining)
    }

    /// The next page, which may be empty; nil at the end.
    /// - Throws: `Problem` 404 when the vehicle was removed meanwhile. A removal hides the vehicle at once and
    ///   deletes its fixes soon after, so a page that is short because of it must not count as the end.
    @inline(never)
    mutating func next() async throws -> ArraySlice<StoredFix>? {
        guard let limit = progress.request else { return nil }
        await line.acquire()
        defer { line.release() }
        // A task that was cancelled while it waited must not read.
        try Task.checkCancellation()
        let fixes = try await store.fixes(
            of: vehicle, in: progress.period, limit: limit, attributeBytes: progress.attributeBytes)
        guard case .found(vehicle) = try await store.vehicle(vehicle.id, of: fleetID) else {
            throw Problem.unknownVehicle
        }
        return progress.received(fixes)
    }
}
