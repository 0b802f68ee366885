internal import HashTreeCollections

/// What the store says of the vehicles, now and then.
extension TrackerState {
    /// The newest rows of all vehicles as the store has them: they are merged by `sliceMerged`, which is to be called
    /// until `isMerging` is false. Later rows take the place of those whose merge is not over. Idempotent.
    ///
    /// Newest wins here too; of one and the same fix the store's content wins, since the first that became
    /// durable stays. A vehicle that the store does not have is removed, unless it was heard of since
    /// `cutoff`: its row may still be on the way.
    mutating func rowsArrived(_ rows: [StoredFix], cutoff: Timestamp) {
        merge = RowMerge(rows, cutoff: cutoff)
    }

    /// Whether rows wait for `sliceMerged`.
    var isMerging: Bool { merge != nil }

    /// Merges up to `limit` rows. Between two slices anything may happen to the vehicles.
    mutating func sliceMerged(limit: Int, now: Timestamp) -> [LiveEvent] {
        guard var merge else { return [] }
        // Let go, so that what it grows is not copied.
        self.merge = nil
        guard let step = merge.next(max(limit, 1), vehicles) else { return [] }
        defer { self.merge = merge }
        switch step {
        case .rows(let rows):
            return rows.compactMap { row in
                merge.removed.contains(row.fix.vehicleID) ? nil : rowMerged(row, now: now)
            }
        case .names: return []
        case .absent(let ids):
            return ids.compactMap { id in
                guard let status = vehicles[id], status.newest.receivedAt < merge.cutoff else { return nil }
                return removed(status, now: now)
            }
        }
    }

    private mutating func rowMerged(_ row: StoredFix, now: Timestamp) -> LiveEvent? {
        let isOtherContent = vehicles[row.fix.vehicleID].map {
            $0.newest.fix.recordedAt == row.fix.recordedAt && $0.newest.differs(from: row)
        }
        return rowMoved(row, replacing: isOtherContent ?? false, now: now)
    }

    private mutating func rowMoved(_ row: StoredFix, replacing: Bool, now: Timestamp) -> LiveEvent? {
        guard let status = moved(row, replacing: replacing, now: now) else { return nil }
        rowSeen(now: now)
        return event(.position(status), now)
    }

    /// These vehicles were removed from the store lately. Idempotent.
    ///
    /// One that did not come back goes, when it was last heard of before its removal, or before `cutoff`: a fix that
    /// came later may still be on its way to the store. One that came back is as the store has it.
    mutating func vehiclesRemoved(
        _ removals: [VehicleRemoval], cutoff: Timestamp, now: Timestamp
    ) -> [LiveEvent] {
        merge?.vehiclesRemoved(removals.lazy.map(\.vehicleID))
        return removals.compactMap { removal in
            if let newest = removal.newest { return returned(newest, since: removal.removedAt, now: now) }
            guard let status = vehicles[removal.vehicleID],
                status.newest.receivedAt <= max(removal.removedAt, cutoff)
            else { return nil }
            return removed(status, now: now)
        }
    }

    /// A vehicle came back with `newest`: a fix from before its removal counts no more, even if it is newer.
    private mutating func returned(
        _ newest: StoredFix, since removedAt: Timestamp, now: Timestamp
    ) -> LiveEvent? {
        let isOutdated = vehicles[newest.fix.vehicleID].map {
            $0.newest.receivedAt <= removedAt && $0.newest.differs(from: newest)
        }
        return rowMoved(newest, replacing: isOutdated ?? false, now: now)
    }
}
