internal import HarborFleet

/// The page at `/fleets/{fleet_id}`: the map, and a table that already contains the vehicles. So the page is
/// useful before its script runs, and without one.
struct FleetPage {
    /// The most rows in the page as served; the table says when there are more, and the script shows the rest.
    static let maximumRows = 2_000

    let fleet: Fleet
    let counts: StateCounts
    /// The time at which the page is made, RFC 3339 in UTC: everything on it is as of this time.
    let asOf: String
    /// The vehicles to show, in the natural order of their ids (`NaturalOrder`).
    let rows: [VehicleStatus]
    /// The number of vehicles in the fleet.
    let vehicles: Int
    let map: MapOptions
    let session: SessionLink

    /// The page's bytes, UTF-8.
    func render() -> [UInt8] {
        let layout = PageLayout(
            title: fleet.title, session: session, style: .app,
            stylesheets: map.leaflet.map { [$0.stylesheet] } ?? [],
            scripts: scripts)
        return layout.render(capacity: 4_096 + rows.count * 420) {
            heading
            HTMLTag.div(.class(map.leaflet == nil ? "panes table-only" : "panes")) {
                if map.leaflet != nil { mapSection }
                tableSection
            }
        }
    }

    private var scripts: [HTMLNode] {
        (map.leaflet.map { [HTMLNode.deferredScript($0.script)] } ?? []) + [
            .moduleScript(.asset("fleet-page.js"))
        ]
    }

    private var heading: HTMLNode {
        HTMLTag.div(
            .class("fleet-heading"), .data(.fleet, fleetID),
            .data(.live, SitePath.live(fleetID).text),
            .data(.status, SitePath.status(fleetID).text)
        ) {
            HTMLTag.h1 { fleet.title }
            HTMLNode.counts(counts)
            HTMLNode.asOf(asOf)
        }
    }

    private var fleetID: String { fleet.id.rawValue }

    private var isDemo: Bool { map.demoFleetID == fleetID }

    private var mapSection: HTMLNode {
        HTMLTag.section(.class("map-pane"), .aria(.label, "Map")) {
            if let tiles = map.tiles {
                HTMLTag.div(.class("map"), .data(.map, ""), .data(.tiles, tiles.template))
                HTMLTag.p(.class("map-credit")) { tiles.credit }
            } else if isDemo {
                HTMLTag.div(.class("map"), .data(.map, ""), .data(.streets, ""))
                HTMLTag.p(.class("map-credit")) { "A made-up town" }
            } else {
                HTMLTag.div(.class("map"), .data(.map, ""))
                HTMLTag.p(.class("map-credit")) { "No map tiles are set" }
            }
        }
    }
}

extension FleetPage {
    private var tableSection: HTMLNode {
        HTMLTag.section(.class("table-pane"), .aria(.labelledby, "vehicles-caption")) {
            tools
            // The demo's vehicles appear by themselves within moments.
            if !isDemo { firstSteps }
            HTMLTag.div(
                .class("table-scroll"), .role(.region), .aria(.labelledby, "vehicles-caption"), .tabindex(0)
            ) {
                HTMLTag.table(.id("vehicles")) {
                    HTMLTag.caption(.id("vehicles-caption")) { caption }
                    // The widths are set on columns: they are in the font of the rows, which differs from the
                    // header's.
                    HTMLTag.colgroup {
                        for (column, _) in Self.columns { HTMLTag.col(.class(column)) }
                    }
                    header
                    HTMLTag.tbody {
                        for row in rows { line(row) }
                    }
                }
            }
        }
    }

    /// Hidden until the script shows it, because only the script can filter.
    private var tools: HTMLNode {
        HTMLTag.div(.class("tools"), .hidden) {
            HTMLTag.label(.for("filter")) { "Find a vehicle" }
            HTMLTag.input(
                .id("filter"), .type(.search), .placeholder("Vehicle or state"), .autocomplete("off"),
                .noSpellcheck)
        }
    }

    /// Explains how to send the first fix. The script shows this when the last vehicle is gone, and fills in the
    /// server's address.
    private var firstSteps: HTMLNode {
        let attributes: [HTMLAttribute] = [.class("empty"), .data(.empty, "")]
        return .element(
            .div, vehicles == 0 ? attributes : attributes + [.hidden],
            [
                HTMLTag.p { "No vehicle of this fleet has sent a fix yet. To send the first one:" },
                HTMLTag.ul {
                    HTMLTag.li {
                        "On the server, make a partner's signing secret in a file: "
                        HTMLTag.code {
                            "(umask 077; harbor-fleet partners add PARTNER_ID --fleet \(fleetID)"
                            " > partner.secret)"
                        }
                    }
                    simulatorStep
                    partnerStep
                },
            ])
    }

    private var simulatorStep: HTMLNode {
        HTMLTag.li {
            "Let made-up vehicles drive: "
            HTMLTag.code {
                "harbor-fleet simulate --url "
                HTMLTag.span(.data(.origin, "")) { "ADDRESS" }
                " --fleet \(fleetID) --secret-file partner.secret"
            }
        }
    }

    private var partnerStep: HTMLNode {
        HTMLTag.li {
            "Or have the partner POST signed fixes to "
            HTMLTag.code { SitePath.fixes(fleetID).text }
            ", as the "
            HTMLTag.a(.href(.openAPI)) { "API" }
            " says."
        }
    }

    private var caption: String {
        let total = vehicles == 1 ? "1 vehicle" : "\(vehicles) vehicles"
        guard vehicles > rows.count else { return total }
        return "The first \(rows.count) of \(total)"
    }

    private var header: HTMLNode {
        HTMLTag.thead {
            HTMLTag.tr {
                for (column, title) in Self.columns {
                    HTMLTag.th(.scope(.col), .class(column), .data(.column, column)) { title }
                }
            }
        }
    }

    private static let columns = [
        ("vehicle", "Vehicle"), ("state", "State"), ("speed", "Speed"), ("heading", "Heading"),
        ("fix", "Last fix"), ("position", "Position"),
    ]

    private func line(_ row: VehicleStatus) -> HTMLNode {
        HTMLTag.tr(.data(.vehicle, row.vehicleID.rawValue), .data(.state, row.state.rawValue)) {
            HTMLTag.th(.scope(.row), .class("vehicle")) { row.vehicleID.rawValue }
            HTMLTag.td(.class("state")) { row.state.label }
            HTMLTag.td(.class("speed")) { row.speedText }
            HTMLTag.td(.class("heading")) { row.headingText }
            HTMLTag.td(.class("fix")) {
                HTMLNode.time(row.shownAt.rfc3339)
            }
            HTMLTag.td(.class("position")) { row.positionText }
        }
    }
}
