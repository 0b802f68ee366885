/// What a tracker's inbox takes.
enum TrackerMessage: Sendable {
    /// Fixes of an admitted POST, or those of a committed one that an earlier tracker got.
    case fixes([StoredFix])
    /// The newest rows of all vehicles, asked for at `askedAt`.
    case rows([StoredFix], askedAt: Timestamp)
    /// The vehicles that were removed lately, asked for at `askedAt`.
    case removals([VehicleRemoval], askedAt: Timestamp)
    /// A deadline may have come.
    case tick
}

/// Why a tracker ends although nobody asked it to.
package enum TrackerError: Error, Equatable {
    /// A newer tracker serves the fleet.
    case superseded
}
