/// The page at `/`: the fleets that the viewer may see, with their counts.
package struct FleetListPage: Sendable {
    private let fleets: [FleetSummary]
    private let asOf: String
    private let session: SessionLink

    /// Makes the page; `fleets` are shown in the order given.
    /// - Parameter asOf: When the page is made, RFC 3339 in UTC.
    package init(fleets: [FleetSummary], asOf: String, session: SessionLink) {
        self.fleets = fleets
        self.asOf = asOf
        self.session = session
    }

    /// The page's bytes, UTF-8.
    package func render() -> [UInt8] {
        let layout = PageLayout(
            title: "Fleets", session: session, isHome: true, style: .document,
            scripts: [.moduleScript(.asset("fleet-list.js"))])
        return layout.render {
            HTMLTag.h1 { "Fleets" }
            HTMLNode.asOf(asOf)
            if fleets.isEmpty { nothing } else { list }
        }
    }

    private var nothing: HTMLNode {
        HTMLTag.div(.class("empty")) {
            HTMLTag.p { "There is no fleet to show yet." }
            HTMLTag.p {
                "Add one on the server with "
                HTMLTag.code { "harbor-fleet fleets add FLEET_ID" }
                ", or sign in with a token that may see more."
            }
        }
    }

    private var list: HTMLNode {
        HTMLTag.ul(.class("fleets")) {
            for fleet in fleets { card(fleet) }
        }
    }

    private func card(_ fleet: FleetSummary) -> HTMLNode {
        HTMLTag.li(.class("card"), .data(.fleet, fleet.fleetID)) {
            HTMLTag.h2 {
                HTMLTag.a(.href(.fleet(fleet.fleetID))) { fleet.title }
            }
            HTMLTag.p(.class("muted")) { HTMLTag.code { fleet.fleetID } }
            HTMLNode.counts(fleet.counts)
        }
    }
}
