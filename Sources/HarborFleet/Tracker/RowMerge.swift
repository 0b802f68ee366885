internal import HashTreeCollections

/// A merge of the store's rows that is under way: what of it comes next.
///
/// It is done in slices, and the vehicles may change between them.
struct RowMerge: Sendable {
    /// The next slice of the work.
    enum Step {
        /// Merge these rows; then `.rows`, `.names` or the end.
        case rows(ArraySlice<StoredFix>)
        /// Nothing to do with the vehicles this time; then `.names` or `.absent`.
        case names
        /// Remove these vehicles, which the store did not have, if they have been silent; then `.absent` or the end.
        case absent([VehicleID])
    }

    /// A vehicle that the store does not have, and that was last heard of before, is removed.
    let cutoff: Timestamp
    private let rows: [StoredFix]
    private var nextRow = 0
    /// What the store has; only filled when something may be missing from it.
    private var stored: Set<VehicleID> = []
    private var nextName = 0
    private var candidates: TreeDictionary<VehicleID, VehicleStatus>.Iterator?
    /// Removed since the rows were asked for: theirs say nothing any more.
    private(set) var removed: Set<VehicleID> = []

    init(_ rows: [StoredFix], cutoff: Timestamp) {
        self.rows = rows
        self.cutoff = cutoff
    }

    /// These vehicles were removed by someone.
    mutating func vehiclesRemoved(_ ids: some Sequence<VehicleID>) {
        removed.formUnion(ids)
    }

    /// - Parameters:
    ///   - limit: how many rows or vehicles may be looked at.
    ///   - vehicles: as they are now.
    /// - Returns: nil when the merge has come to its end.
    mutating func next(_ limit: Int, _ vehicles: TreeDictionary<VehicleID, VehicleStatus>) -> Step? {
        if nextRow < rows.count {
            defer { nextRow = min(nextRow + limit, rows.count) }
            return .rows(rows[nextRow..<min(nextRow + limit, rows.count)])
        }
        // Each row's vehicle is there now: when there are no more vehicles than rows, none is missing.
        guard vehicles.count > rows.count || !removed.isEmpty || candidates != nil else { return nil }
        if nextName < rows.count {
            let end = min(nextName + limit, rows.count)
            stored.formUnion(rows[nextName..<end].lazy.map(\.fix.vehicleID))
            nextName = end
            return .names
        }
        return absent(limit, vehicles)
    }

    private mutating func absent(
        _ limit: Int, _ vehicles: TreeDictionary<VehicleID, VehicleStatus>
    ) -> Step? {
        var left = candidates ?? vehicles.makeIterator()
        var looked = 0
        var absent: [VehicleID] = []
        while looked < limit, let (id, _) = left.next() {
            looked += 1
            if !stored.contains(id) { absent.append(id) }
        }
        candidates = left
        return looked == 0 ? nil : .absent(absent)
    }
}
