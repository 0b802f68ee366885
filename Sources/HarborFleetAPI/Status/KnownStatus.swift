internal import Endpoint
internal import HarborFleet

/// The last response to a head, with what decides whether it is still valid. Kept with the head, it saves a
/// repeated read the lock and the checks of path, credential and conditions.
///
/// The response to a head depends only on the snapshot, the reader and the head.
final class KnownStatus: Sendable {
    /// Larger responses are not kept, because a kept response may outlive its snapshot. For those the checks are
    /// a small part of the cost anyway.
    private static let maximumBytes = 32_768

    let response: PreparedResponse
    let reader: Reader
    /// The cell of the snapshot, and `cell.changes` from before the snapshot was read.
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

    /// Whether this is still the response. The reader's identity may have expired.
    func isStill(for request: Request, generation: UInt64) -> Bool {
        reader.isStill(for: request, generation: generation) && cell.changes == changes
    }
}
