internal import Endpoint
internal import HarborFleet

/// The response that a head got last, and why it may get it again: kept with the head, it costs a repeated read neither a
/// lock nor a look at its path, its credential and its conditions.
///
/// A head's response depends on nothing but the snapshot, the reader and the head.
final class KnownStatus: Sendable {
    /// A response that is kept may outlive its snapshot. Of a larger one the look-ups are a small part anyway.
    private static let maximumBytes = 32_768

    let response: PreparedResponse
    let reader: Reader
    /// Where the snapshot is, and `cell.changes` from before it was taken.
    private let cell: SnapshotCell
    private let changes: UInt64

    /// Nil for a response that is too large to keep.
    init?(
        _ response: PreparedResponse, to reader: Reader, from cell: SnapshotCell, changes: UInt64
    ) {
        guard response.byteCount <= Self.maximumBytes else { return nil }
        self.response = response
        self.cell = cell
        self.changes = changes
        self.reader = reader
    }

    /// Whether it is still the response. Its reader may have expired.
    func isStill(for request: Request, generation: UInt64) -> Bool {
        reader.isStill(for: request, generation: generation) && cell.changes == changes
    }
}
