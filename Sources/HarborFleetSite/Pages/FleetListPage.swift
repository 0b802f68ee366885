internal import HarborFleetAPI

/// The page at `/`: the fleets that the reader may see, with their counts.
struct FleetListPage {
    /// The fleets in the order in which they are shown.
    let fleets: [FleetOverview.Line]
    /// The time at which the page is made, RFC 3339 in UTC.
    let asOf: String
    let session: SessionLink

    /// The page's bytes, UTF-8.
    func render() -> [UInt8] {
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

    private func card(_ line: FleetOverview.Line) -> HTMLNode {
        let id = line.fleet.id.rawValue
        return HTMLTag.li(.class("card"), .data(.fleet, id)) {
            HTMLTag.h2 {
                HTMLTag.a(.href(.fleet(id))) { line.fleet.title }
            }
            HTMLTag.p(.class("muted")) { HTMLTag.code { id } }
            HTMLNode.counts(line.counts)
        }
    }
}
