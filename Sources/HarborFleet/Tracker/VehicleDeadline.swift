/// When something may have to happen to a vehicle; the earliest comes first.
///
/// A tracker holds at most one per vehicle and kind: one that came too early, because the vehicle was heard of since, is put
/// back at its present deadline.
struct VehicleDeadline: Sendable, Comparable {
    enum Kind: Sendable {
        case offline
        case idle
    }

    var deadline: Timestamp
    var vehicleID: VehicleID
    var kind: Kind

    static func < (left: Self, right: Self) -> Bool { left.deadline < right.deadline }
}
