internal import HarborFleet

extension Fleet {
    /// The text of the fleet's heading.
    var title: String { name.isEmpty ? id.rawValue : name }
}

extension HTMLNode {
    /// The time of the page's data, RFC 3339 in UTC; a script takes this line over.
    static func asOf(_ time: String) -> HTMLNode {
        HTMLTag.p(
            .class("banner"), .role(.status), .aria(.live, "polite"), .data(.banner, ""),
            .data(.state, "static")
        ) {
            "As of "
            HTMLNode.time(time)
        }
    }

    /// A time, RFC 3339 in UTC, shown as `2026-11-20 17:00:01 UTC`; a script replaces it by an age.
    static func time(_ rfc3339: String) -> HTMLNode {
        HTMLTag.time(.datetime(rfc3339)) { "\(rfc3339.prefix(10)) \(rfc3339.dropFirst(11).prefix(8)) UTC" }
    }

    /// The fleet's counts per state; the script finds each number by its `data-count`.
    static func counts(_ counts: StateCounts?) -> HTMLNode {
        HTMLTag.dl(.class("counts")) {
            for state in VehicleState.allCases {
                HTMLTag.div(.class("count"), .data(.state, state.rawValue)) {
                    HTMLTag.dt { state.label }
                    HTMLTag.dd(.data(.count, state.rawValue)) { counts.map { "\($0[state: state])" } ?? "–" }
                }
            }
        }
    }
}
