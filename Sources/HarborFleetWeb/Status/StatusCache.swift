internal import HarborFleet
internal import Synchronization

/// The answers for each fleet's newest snapshot, for all loops. Made once per change, on the first read that
/// wants them.
final class StatusCache: Sendable {
    /// Fleets kept at most; when it is full it is emptied and fills again.
    private static let capacity = 10_000

    private let entries = Mutex<[FleetID: StatusAnswers]>([:])

    /// The answers for exactly this snapshot.
    func answers(for snapshot: FleetSnapshot) -> StatusAnswers {
        if let known = entries.withLock({ $0[snapshot.fleetID] }), known.snapshot === snapshot {
            return known
        }
        // Encoded outside the lock: two loops may do it at once, once per change.
        let answers = StatusAnswers(snapshot)
        entries.withLock { entries in
            if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
            entries[snapshot.fleetID] = answers
        }
        return answers
    }
}
