import Testing

@testable import HarborFleet
@testable import HarborFleetAPI
@testable import HarborFleetSite

@Suite struct WebAppPagesTests {
    private let leaflet = LeafletPaths(
        script: .asset("leaflet", "leaflet.js"), stylesheet: .asset("leaflet", "leaflet.css"))

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func row(
        _ id: String, _ state: VehicleState = .moving, speed: Double? = 8.24, heading: Double? = 271
    ) throws -> VehicleStatus {
        let recordedAt = try #require(Timestamp(rfc3339: "2026-11-20T17:00:00.123Z"))
        let fix = Fix(
            vehicleID: try #require(VehicleID(id)), recordedAt: recordedAt, latitudeDegrees: 53.5413,
            longitudeDegrees: -9.9842, speedMetersPerSecond: speed, headingDegrees: heading)
        return VehicleStatus(state: state, newest: StoredFix(fix: fix, receivedAt: recordedAt))
    }

    private func fleetPage(_ rows: [VehicleStatus], of vehicles: Int? = nil, map: MapOptions) throws -> String
    {
        let vehicles = vehicles ?? rows.count
        let counts = StateCounts(moving: vehicles)
        let fleet = Fleet(id: try #require(FleetID("harbor-north")), name: "Harbour <North>")
        let asOf = "2026-11-20T17:00:01.004Z"
        return text(
            FleetPage(
                fleet: fleet, counts: counts, asOf: asOf, rows: rows, vehicles: vehicles, map: map,
                session: .none
            ).render())
    }

    private func fleetPage(_ rows: [VehicleStatus], of vehicles: Int? = nil) throws -> String {
        try fleetPage(rows, of: vehicles, map: MapOptions(leaflet: leaflet, tiles: nil))
    }

    @Test func fleetPage_showsEveryVehicle_withoutScript() throws {
        let page = try fleetPage([row("van-7")])
        let line = """
            <tr data-vehicle="van-7" data-state="moving"><th scope="row" class="vehicle">van-7</th>\
            <td class="state">Moving</td><td class="speed">8.2 m/s</td><td class="heading">271° W</td>\
            <td class="fix"><time datetime="2026-11-20T17:00:00.123Z">2026-11-20 17:00:00 UTC</time></td>\
            <td class="position">53.54130, −9.98420</td></tr>
            """
        #expect(page.contains(line))
        #expect(page.contains("<caption id=\"vehicles-caption\">1 vehicle</caption>"))
        #expect(page.contains("data-live=\"/api/v1/fleets/harbor-north/live\""))
    }

    @Test func offlineVehicle_showsItsLastSpeedAndHeading() throws {
        let cells = "<td class=\"speed\">last 8.2 m/s</td><td class=\"heading\">last 271° W</td>"
        #expect(try fleetPage([row("a", .offline)]).contains(cells))
        for state in VehicleState.allCases where state != .offline {
            #expect(try !fleetPage([row("a", state)]).contains("last "))
        }
        #expect(try !fleetPage([row("a", .offline, speed: nil, heading: nil)]).contains("last "))
    }

    @Test func fleetPage_showsItsTime() throws {
        let asOf = "As of <time datetime=\"2026-11-20T17:00:01.004Z\">2026-11-20 17:00:01 UTC</time>"
        #expect(try fleetPage([]).contains(asOf))
        let list = FleetListPage(fleets: [], asOf: "2026-11-20T17:00:01.004Z", session: .none)
        #expect(text(list.render()).contains(asOf))
    }

    @Test func emptyFleet_explainsTheFirstFix() throws {
        let page = try fleetPage([])
        #expect(page.contains("<div class=\"empty\" data-empty=\"\">"))
        #expect(page.contains("partners add PARTNER_ID --fleet harbor-north &gt; partner.secret)</code>"))
        #expect(page.contains(" --fleet harbor-north --secret-file partner.secret</code>"))
        #expect(page.contains("/api/v1/fleets/harbor-north/fixes</code>"))
        #expect(try fleetPage([row("a")]).contains("<div class=\"empty\" data-empty=\"\" hidden>"))
    }

    @Test func inventedTown_isShownForTheDemoOnly() throws {
        let plain = MapOptions(leaflet: leaflet, tiles: nil)
        let demo = MapOptions(leaflet: leaflet, tiles: nil, demoFleetID: "harbor-north")
        let other = MapOptions(leaflet: leaflet, tiles: nil, demoFleetID: "harbor-demo")
        for (map, isTown) in [(plain, false), (demo, true), (other, false)] {
            for rows in try [[], [row("a")]] {
                let page = try fleetPage(rows, map: map)
                #expect(page.contains("data-streets") == isTown)
                #expect(page.contains("A made-up town") == isTown)
                #expect(page.contains("data-empty") == !isTown)
            }
        }
    }

    @Test func fleetPage_escapesTheName() throws {
        let page = try fleetPage([])
        #expect(page.contains("<h1>Harbour &lt;North&gt;</h1>"))
        #expect(!page.contains("<North>"))
    }

    @Test func fleetPage_showsADash_whenAValueIsAbsentOrNotANumber() throws {
        let page = try fleetPage([row("a", speed: nil, heading: .nan)])
        #expect(page.contains("<td class=\"speed\">–</td><td class=\"heading\">–</td>"))
    }

    @Test func fleetPage_saysThatItShowsTheFirstVehiclesOnly() throws {
        let page = try fleetPage((0..<20).map { try row("v\($0)") }, of: 2_001)
        #expect(page.contains("The first 20 of 2001 vehicles"))
    }

    @Test func fleetPage_hasNoMap_whenLeafletIsMissing() throws {
        let page = try fleetPage([row("a")], map: MapOptions(leaflet: nil, tiles: nil))
        #expect(!page.contains("data-map"))
        #expect(!page.contains("leaflet"))
        #expect(page.contains("data-vehicle=\"a\""))
    }

    @Test func fleetPage_namesTheTileSource() throws {
        let tiles = try #require(TileSource("https://{s}.tile.openstreetmap.org/{z}/{x}/{y}.png"))
        let page = try fleetPage([], map: MapOptions(leaflet: leaflet, tiles: tiles))
        #expect(page.contains("data-tiles=\"https://{s}.tile.openstreetmap.org/{z}/{x}/{y}.png\""))
        #expect(page.contains("Map tiles: tile.openstreetmap.org © OpenStreetMap contributors"))
    }

    @Test(arguments: [
        (0.0, "0° N"), (22, "22° N"), (23, "23° NE"), (271, "271° W"), (359.9, "0° N"), (-90, "270° W"),
    ])
    func heading_hasItsCompassPoint(heading: Double, expected: String) throws {
        #expect(try row("a", heading: heading).headingText == expected)
    }

    @Test func fleetList_linksEachFleet_withItsCounts() throws {
        let fleet = FleetOverview.Line(
            fleet: Fleet(id: try #require(FleetID("a")), name: ""),
            counts: StateCounts(moving: 12, idle: 3, offline: 1))
        let page = text(
            FleetListPage(fleets: [fleet], asOf: "2026-11-20T17:00:01.004Z", session: .signIn).render())
        #expect(page.contains("<a href=\"/fleets/a\">a</a>"))
        #expect(page.contains("<dd data-count=\"moving\">12</dd>"))
        #expect(page.contains("<dd data-count=\"offline\">1</dd>"))
        #expect(page.contains("href=\"/sign-in\""))
    }

    private func fleetList(_ session: SessionLink) -> String {
        text(FleetListPage(fleets: [], asOf: "2026-11-20T17:00:01.004Z", session: session).render())
    }

    @Test func fleetList_explainsTheFirstStep_withoutFleets() {
        #expect(fleetList(.none).contains("harbor-fleet fleets add"))
    }

    @Test func signInPage_postsTheTokenAndTheNextPage() {
        let page = text(SignInPage(next: .fleet("a"), problem: "<wrong>").render())
        #expect(page.contains("<form method=\"post\" action=\"/session\""))
        #expect(page.contains("<input type=\"hidden\" name=\"next\" value=\"/fleets/a\">"))
        #expect(page.contains("role=\"alert\">&lt;wrong&gt;</p>"))
    }

    @Test func everyPage_keepsToThePolicy() throws {
        let pages = try [
            fleetPage([row("a")]),
            fleetList(.signOut),
            text(SignInPage(next: .home, problem: nil).render()),
            text(
                ErrorPage(status: 404, title: "Not found", detail: "x", requestID: "y", session: .none)
                    .render()),
        ]
        for page in pages {
            #expect(page.hasPrefix("<!doctype html>\n<html lang=\"en\">"))
            #expect(page.contains("<main id=\"main\""))
            #expect(!page.contains("style="))
            #expect(!page.contains("<style"))
            #expect(!page.contains("://"))
            // Each script element has a source and no content.
            #expect(
                page.components(of: "<script").dropFirst().allSatisfy { $0.contains("></script>") })
        }
    }

    @Test func policy_allowsThisSiteOnly() {
        #expect(
            SecurityHeaders.contentSecurityPolicy(tiles: nil)
                == """
                default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'
                """)
    }

    @Test(arguments: [
        ("https://tiles.example.org/{z}/{x}/{y}.png", " https://tiles.example.org;"),
        ("http://10.0.0.1:8090/{z}/{x}/{y}", " http://10.0.0.1:8090;"),
        ("https://{s}.tile.example.org/{z}/{x}/{y}.png", " https://*.tile.example.org;"),
        ("/tiles/{z}/{x}/{y}.png", " data:;"),
    ])
    func policy_allowsImagesOfTheTileServer(template: String, expected: String) throws {
        let tiles = try #require(TileSource(template))
        #expect(SecurityHeaders.contentSecurityPolicy(tiles: tiles).contains("img-src 'self' data:"))
        #expect(SecurityHeaders.contentSecurityPolicy(tiles: tiles).contains(expected))
    }
}

/// Addresses of tiles that could say more in the policy than one host.
@Suite struct TileSourceRefusalTests {
    @Test(arguments: [
        "", "tiles/{z}/{x}/{y}", "https://tiles.example.org/", "ftp://a/{z}/{x}/{y}", "//a/{z}/{x}/{y}",
        "https://a;script-src *//{z}/{x}/{y}", "https://a b/{z}/{x}/{y}", "https://a'/{z}/{x}/{y}",
        "https://user@a/{z}/{x}/{y}", "https://a:99999/{z}/{x}/{y}", "https:///{z}/{x}/{y}",
        "https://a\r\n/{z}/{x}/{y}", "javascript:{z}{x}{y}", "https://{z}/{x}/{y}",
    ])
    func tileSource_isNil_whenItIsNotAPlainAddress(template: String) {
        #expect(TileSource(template) == nil)
    }
}

extension String {
    /// The parts between the occurrences of a marker.
    fileprivate func components(of marker: String) -> [Substring] {
        split(separator: marker, omittingEmptySubsequences: false)
    }
}
