/// How many vehicles of a fleet are in each state.
package struct VehicleCounts: Sendable, Equatable {
    /// Vehicles that drive.
    package var moving: Int
    /// Vehicles that stand.
    package var idle: Int
    /// Vehicles that are silent.
    package var offline: Int

    /// Makes counts.
    package init(moving: Int, idle: Int, offline: Int) {
        self.moving = moving
        self.idle = idle
        self.offline = offline
    }

    subscript(state: VehicleRow.State) -> Int {
        switch state {
        case .moving: moving
        case .idle: idle
        case .offline: offline
        }
    }
}

/// A fleet as the list of fleets shows it.
package struct FleetSummary: Sendable {
    /// The fleet's id.
    package var fleetID: String
    /// The fleet's name, when it has one that differs from its id.
    package var name: String?
    /// Its vehicles per state; nil when they could not be had just now.
    package var counts: VehicleCounts?

    /// Makes a summary.
    package init(fleetID: String, name: String?, counts: VehicleCounts?) {
        self.fleetID = fleetID
        self.name = name
        self.counts = counts
    }

    /// What a heading says.
    var title: String {
        guard let name, !name.isEmpty else { return fleetID }
        return name
    }
}

extension HTMLNode {
    /// From when what the page says is, RFC 3339 in UTC; a script takes this line over.
    static func asOf(_ time: String) -> HTMLNode {
        HTMLTag.p(
            .class("banner"), .role(.status), .aria(.live, "polite"), .data(.banner, ""),
            .data(.state, "static")
        ) {
            "As of "
            HTMLTag.time(.datetime(time)) { TimeText.readable(time) }
        }
    }

    /// The counts of a fleet, per state; the script finds each number by its `data-count`.
    static func counts(_ counts: VehicleCounts?) -> HTMLNode {
        HTMLTag.dl(.class("counts")) {
            for state in VehicleRow.State.allCases {
                HTMLTag.div(.class("count"), .data(.state, state.rawValue)) {
                    HTMLTag.dt { state.label }
                    HTMLTag.dd(.data(.count, state.rawValue)) { counts.map { "\($0[state])" } ?? "–" }
                }
            }
        }
    }
}
