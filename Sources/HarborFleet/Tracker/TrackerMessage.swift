/// A message in a tracker's mailbox.
enum TrackerMessage: Sendable {
    /// Fixes of an admitted POST, or those of a committed POST that only an earlier tracker got.
    case fixes([StoredFix])
    /// The newest rows of all vehicles, as read from the store at `askedAt`.
    case rows([StoredFix], askedAt: Timestamp)
    /// The vehicles that were removed lately, as read from the store at `askedAt`.
    case removals([VehicleRemoval], askedAt: Timestamp)
    /// A deadline may have come.
    case tick
}

/// Why a tracker ends without having been cancelled.
package enum TrackerError: Error, Equatable {
    /// A newer tracker serves the fleet.
    case superseded
}
