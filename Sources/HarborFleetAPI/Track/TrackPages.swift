internal import FleetWire
internal import HarborFleet
internal import Supervision

/// Fetches a track page by page, each when it is asked for.
struct TrackPages: Sendable {
    let store: any TrackStore
    let fleetID: FleetID
    let vehicle: TrackedVehicle
    /// In front of the store.
    let line: AsyncSemaphore
    var progress: TrackProgress

    /// Where a later request goes on, once `next` has said nil.
    var cursor: TrackCursor? { progress.next }

    /// Whether the line through all that is asked for crosses the antimeridian. Asked before the first page, so
    /// a fix that is stored later is not seen: where that one crosses, the line is not cut.
    @inline(never)
    func crossesAntimeridian() async throws -> Bool {
        await line.acquire()
        defer { line.release() }
        try Task.checkCancellation()
        return try await store.crossesAntimeridian(
            vehicle, in: progress.period, limit: progress.remaining)
    }

    /// The next page, which may be empty; nil at the end.
    /// - Throws: `Problem` 404 when the vehicle has been removed meanwhile. What is removed is hidden at once, and its
    ///   fixes are deleted soon: a page that is short for that is no end.
    @inline(never)
    mutating func next() async throws -> ArraySlice<StoredFix>? {
        guard let limit = progress.request else { return nil }
        await line.acquire()
        defer { line.release() }
        // Who left the line is not there any more.
        try Task.checkCancellation()
        let fixes = try await store.fixes(
            of: vehicle, in: progress.period, limit: limit, attributeBytes: progress.attributeBytes)
        guard case .found(vehicle) = try await store.vehicle(vehicle.id, of: fleetID) else {
            throw Problem.unknownVehicle
        }
        return progress.received(fixes)
    }
}
