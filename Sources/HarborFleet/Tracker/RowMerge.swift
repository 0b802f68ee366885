internal import HashTreeCollections

/// A merge of the store's rows that is in progress, and its next step.
///
/// The merge is done in slices, and the vehicles may change between two slices.
struct RowMerge: Sendable {
    /// The next slice of the work.
    enum Step {
        /// Merge these rows. Followed by `.rows`, `.names` or the end.
        case rows(ArraySlice<StoredFix>)
        /// The merge has only collected names; the vehicles need no change. Followed by `.names` or `.absent`.
        case names
        /// Of these vehicles, which the store did not have, remove those whose last fix came before `cutoff`.
        /// Followed by `.absent` or the end.
        case absent([VehicleID])
    }

    /// A vehicle that the store does not have is removed if its last fix came before this time.
    let cutoff: Timestamp
    private let rows: [StoredFix]
    private var nextRow = 0
    /// The vehicles that the store has. Filled only when a vehicle may be missing from the store.
    private var stored: Set<VehicleID> = []
    private var nextName = 0
    private var candidates: TreeDictionary<VehicleID, VehicleStatus>.Iterator?
    /// The vehicles that were removed since the rows were read. Their rows are out of date.
    private(set) var removed: Set<VehicleID> = []

    init(_ rows: [StoredFix], cutoff: Timestamp) {
        self.rows = rows
        self.cutoff = cutoff
    }

    /// Records that these vehicles were removed.
    mutating func vehiclesRemoved(_ ids: some Sequence<VehicleID>) {
        removed.formUnion(ids)
    }

    /// - Parameters:
    ///   - limit: the maximum number of rows or vehicles to look at.
    ///   - vehicles: the vehicles as they are now.
    /// - Returns: the next step; nil when the merge is complete.
    mutating func next(_ limit: Int, _ vehicles: TreeDictionary<VehicleID, VehicleStatus>) -> Step? {
        if nextRow < rows.count {
            defer { nextRow = min(nextRow + limit, rows.count) }
            return .rows(rows[nextRow..<min(nextRow + limit, rows.count)])
        }
        // Every row's vehicle is in memory now. If there are no more vehicles than rows, no vehicle is missing from
        // the store.
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
