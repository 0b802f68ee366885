internal import Endpoint
internal import EventLoops
internal import HarborFleet

/// The response that a head got last, and why it may get it again: kept with the head, it costs a repeated read neither a
/// lock nor a look at its path, its credential and its conditions.
///
/// A head's response depends on nothing but the snapshot, the reader and the head.
final class KnownStatus: Sendable {
    /// A response that is kept may outlive its snapshot. Of a larger one the look-ups are a small part anyway.
    private static let maximumBytes = 32_768

    let response: PreparedResponse
    /// Where the snapshot is, and `cell.changes` from before it was taken.
    private let cell: SnapshotCell
    private let changes: UInt64
    /// `Authenticator.generation` from before the reader was found out.
    private let generation: UInt64
    /// Then it is asked again who the reader is.
    private let until: MonotonicInstant
    /// From then on the reader may not read.
    private let expiresAt: Timestamp?

    /// Nil for a response that is too large to keep.
    init?(
        _ response: PreparedResponse, to request: Request, from cell: SnapshotCell, changes: UInt64,
        generation: UInt64, expiresAt: Timestamp?
    ) {
        guard response.byteCount <= Self.maximumBytes else { return nil }
        self.response = response
        self.cell = cell
        self.changes = changes
        self.generation = generation
        until = request.receivedAt.advanced(by: Authenticator.trust)
        self.expiresAt = expiresAt
    }

    /// Whether it is still the response.
    /// - Parameter now: asked for readers that expire.
    func isStill(for request: Request, generation: UInt64, now: () -> Timestamp) -> Bool {
        guard self.generation == generation, request.receivedAt < until, cell.changes == changes else {
            return false
        }
        return expiresAt.map { $0 > now() } ?? true
    }
}
