internal import HarborFleet

/// The fleets whose status one loop has answered, found by the bytes of the path: a repeated read costs no lock,
/// no String and no allocation. Touched on its loop only.
final class StatusMemo {
    /// An object, so that looking at one retains one thing.
    private final class Entry {
        let segment: [UInt8]
        let fleetID: FleetID
        let cell: SnapshotCell
        /// `cell.changes` before `answers` were made.
        let changes: UInt64
        let answers: StatusAnswers

        init(
            _ segment: [UInt8], _ fleetID: FleetID, _ cell: SnapshotCell, changes: UInt64,
            _ answers: StatusAnswers
        ) {
            self.segment = segment
            self.fleetID = fleetID
            self.cell = cell
            self.changes = changes
            self.answers = answers
        }
    }

    /// A power of two. Two fleets that meet at one place take it from each other: slower, not wrong.
    private static let capacity = 1_024

    private var entries = [Entry?](repeating: nil, count: capacity)

    /// The present answers of the fleet that the path names, if this loop knows it and `scope` holds it.
    func answers(
        for segment: ArraySlice<UInt8>, in scope: Scope, made: (FleetSnapshot) -> StatusAnswers
    ) -> StatusAnswers? {
        let place = Self.place(of: segment)
        guard let entry = entries[place], entry.segment.elementsEqual(segment),
            scope.contains(entry.fleetID)
        else { return nil }
        let changes = entry.cell.changes
        if entry.changes == changes { return entry.answers }
        guard let snapshot = entry.cell.snapshot else {
            entries[place] = nil
            return nil
        }
        let answers = made(snapshot)
        entries[place] = Entry(entry.segment, entry.fleetID, entry.cell, changes: changes, answers)
        return answers
    }

    /// Remembers where a fleet's snapshots are.
    /// - Parameter changes: of the cell, read before the snapshot of `answers`.
    func remember(
        _ segment: ArraySlice<UInt8>, _ fleetID: FleetID, _ cell: SnapshotCell, changes: UInt64,
        _ answers: StatusAnswers
    ) {
        // A copy of the few bytes, or the whole head would be kept.
        entries[Self.place(of: segment)] = Entry(
            Array(segment), fleetID, cell, changes: changes, answers)
    }

    /// FNV-1a, 32 bits (draft-eastlake-fnv), over what is 64 bytes at most for a valid id.
    private static func place(of segment: ArraySlice<UInt8>) -> Int {
        var hash: UInt32 = 2_166_136_261
        for byte in segment { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return Int(hash & UInt32(capacity - 1))
    }
}
