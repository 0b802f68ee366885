/// The time at which a vehicle's state may have to change; the earliest is handled first.
///
/// A tracker holds at most one per vehicle and kind. If one is due too early because the vehicle was heard of
/// since, the tracker queues it again with its current deadline.
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
