internal import HashTreeCollections

/// Merges what the store periodically reports about the vehicles.
extension TrackerState {
    /// Starts a merge of the newest rows of all vehicles as the store has them. `sliceMerged` must then be called
    /// until `isMerging` is false. A call replaces a merge that is still in progress. Idempotent.
    ///
    /// The newest fix wins here too. When both have the same fix with different content, the store's content wins,
    /// because the first content that became durable stays. A vehicle that the store does not have is removed,
    /// unless it was heard of since `cutoff`: its row may still be on the way.
    mutating func rowsArrived(_ rows: [StoredFix], cutoff: Timestamp) {
        merge = RowMerge(rows, cutoff: cutoff)
    }

    /// Whether a merge is in progress.
    var isMerging: Bool { merge != nil }

    /// Merges up to `limit` rows. The vehicles may change in any way between two slices.
    mutating func sliceMerged(limit: Int, now: Timestamp) -> [LiveEvent] {
        guard var merge else { return [] }
        // The property is cleared so that the local copy is the only reference and its collections grow without
        // being copied.
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

    /// Applies recent removals of vehicles from the store. Idempotent.
    ///
    /// A vehicle that did not come back is removed from memory if it was last heard of before its removal, or
    /// before `cutoff`. A later fix may still be on its way to the store. A vehicle that came back gets the store's
    /// fix.
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

    /// A vehicle came back with `newest`. A fix from before its removal no longer counts, even if it is newer.
    private mutating func returned(
        _ newest: StoredFix, since removedAt: Timestamp, now: Timestamp
    ) -> LiveEvent? {
        let isOutdated = vehicles[newest.fix.vehicleID].map {
            $0.newest.receivedAt <= removedAt && $0.newest.differs(from: newest)
        }
        return rowMoved(newest, replacing: isOutdated ?? false, now: now)
    }
}
