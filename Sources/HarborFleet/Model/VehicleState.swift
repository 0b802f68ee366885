/// The state of a vehicle, by `MotionRules`.
package enum VehicleState: String, Sendable, Equatable, CaseIterable {
    case moving
    case idle
    case offline
}

/// How many vehicles of a fleet are in each state.
package struct StateCounts: Sendable, Equatable {
    package var moving = 0
    package var idle = 0
    package var offline = 0

    /// The vehicles in `state`.
    package subscript(state state: VehicleState) -> Int {
        get {
            switch state {
            case .moving: moving
            case .idle: idle
            case .offline: offline
            }
        }
        set {
            switch state {
            case .moving: moving = newValue
            case .idle: idle = newValue
            case .offline: offline = newValue
            }
        }
    }
}
