/// A loop's own reference to a fleet's snapshot: one atomic load while nothing changed. Not shared.
package struct SnapshotReader {
    private let cell: SnapshotCell
    private var version: UInt64
    private var kept: FleetSnapshot?

    package init(_ cell: SnapshotCell) {
        self.cell = cell
        version = cell.version
        kept = cell.snapshot
    }

    /// The present snapshot; nil while no tracker serves the fleet.
    package var snapshot: FleetSnapshot? {
        mutating get {
            // The version is read first: a change in between is seen by the next call.
            let current = cell.version
            if current != version {
                version = current
                kept = cell.snapshot
            }
            return kept
        }
    }
}
