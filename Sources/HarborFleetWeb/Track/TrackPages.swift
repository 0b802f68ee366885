internal import HarborFleet
internal import Supervision

/// Fetches a track page by page, each when it is asked for.
struct TrackPages: Sendable {
    let store: any TrackStore
    let vehicle: TrackedVehicle
    /// In front of the store.
    let line: Turnstile
    var progress: TrackProgress

    /// Where a later request goes on, once `next` has said nil.
    var cursor: TrackCursor? { progress.next }

    /// The next page, which may be empty; nil at the end.
    @inline(never)
    mutating func next() async throws -> ArraySlice<StoredFix>? {
        guard let limit = progress.request else { return nil }
        await line.enter()
        defer { line.leave() }
        // Who left the line is not there any more.
        try Task.checkCancellation()
        let fixes = try await store.fixes(
            of: vehicle, in: progress.period, limit: limit, attributeBytes: TrackProgress.attributeBytes)
        return progress.received(fixes)
    }
}
