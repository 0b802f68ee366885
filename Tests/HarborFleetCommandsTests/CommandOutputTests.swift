import FleetAccess
import FleetSimulator
import HarborFleet
import Testing

@testable import HarborFleetCommands
@testable import HarborFleetStorage

@Suite struct CommandOutputTests {
    private let moment = Timestamp(milliseconds: 1_795_194_000_123)

    @Test func secret_standsAloneOnItsLine_orInAnObject() throws {
        let secret = CommandOutput(
            text: "whsec_a/b=", ["partner_id": .text("acme"), "secret": .text("whsec_a/b=")])
        #expect(try secret.rendered(asJSON: false) == "whsec_a/b=")
        #expect(try secret.rendered(asJSON: true) == #"{"partner_id":"acme","secret":"whsec_a/b="}"#)
    }

    @Test func list_isATableOrAnArray() throws {
        let north = try #require(FleetID("north"))
        let far = try #require(FleetID("far-away"))
        let columns = FleetsCommand.List.columns
        let list = CommandOutput(
            [Fleet(id: far, name: "Far"), Fleet(id: north, name: "N")], columns: columns)
        #expect(try list.rendered(asJSON: false) == "FLEET     NAME\nfar-away  Far\nnorth     N")
        #expect(
            try list.rendered(asJSON: true)
                == #"[{"fleet_id":"far-away","name":"Far"},{"fleet_id":"north","name":"N"}]"#)
        #expect(try CommandOutput([Fleet](), columns: columns).rendered(asJSON: true) == "[]")
    }

    @Test func partners_leaveOutUnsetValues() throws {
        let id = try #require(PartnerID("acme"))
        let fleets = try [#require(FleetID("b")), #require(FleetID("a"))]
        let columns = PartnersCommand.List.columns
        var partner = Partner(id: id, fleets: fleets, createdAt: moment)
        #expect(
            try CommandOutput([partner], columns: columns).rendered(asJSON: true)
                == #"[{"created_at":"2026-11-20T17:00:00.123Z","fleets":["a","b"],"partner_id":"acme","#
                + #""require_fleet_id":false}]"#)
        partner.settings = PartnerSettings(
            limits: PartnerLimits(fixesPerSecond: 500), requiresFleetID: true)
        let table = try #require(try CommandOutput([partner], columns: columns).rendered(asJSON: false))
        #expect(
            table.split(separator: "\n") == [
                "PARTNER  FLEETS  FIXES/S  REQUESTS/S  FLEET_ID  CREATED                   REVOKED",
                "acme     a,b     500      -           required  2026-11-20T17:00:00.123Z  -",
            ])
    }

    @Test func settings_areShownAsJSONOnly_withoutUnsetValues() throws {
        let id = try #require(PartnerID("acme"))
        let output = PartnersCommand.Set.output(
            id, PartnerSettings(limits: PartnerLimits(requestsPerSecond: 7)))
        #expect(try output.rendered(asJSON: false) == nil)
        #expect(try output.rendered(asJSON: true) == #"{"partner_id":"acme","requests_per_second":7}"#)
        let bound = PartnersCommand.Set.output(id, PartnerSettings(requiresFleetID: true))
        #expect(try bound.rendered(asJSON: true) == #"{"partner_id":"acme","require_fleet_id":true}"#)
    }

    @Test func token_namesNoFleet_whenItIsForAllFleets() throws {
        let token = Token(name: "desk", role: .viewer, scope: .all, createdAt: moment, revokedAt: moment)
        let time = "2026-11-20T17:00:00.123Z"
        let output = CommandOutput([token], columns: TokensCommand.List.columns)
        #expect(
            try output.rendered(asJSON: true)
                == #"[{"created_at":"\#(time)","name":"desk","revoked_at":"\#(time)","role":"viewer"}]"#)
        #expect(try output.rendered(asJSON: false)?.contains("desk  viewer  (all)   \(time)  -") == true)
    }

    @Test func totals_haveMembersInSnakeCase() throws {
        let output = CommandOutput(json: SimulationProgress(leftOut: 3).totals)
        #expect(
            try output.rendered(asJSON: true)
                == #"{"accepted":0,"duplicates":0,"errors":0,"left_out":3,"rejected":0,"retries":0,"sent":0}"#
        )
    }

    @Test func receipt_leavesOutUnknownValues() throws {
        let id = PostID(high: 0x01a1_fe1b_1c40_7000, low: 0x87e7_c105_1778_e6ee)
        let north = try #require(FleetID("north"))
        let hash = String(repeating: "0123456789abcdef", count: 4)
        var receipt = Receipt(
            postID: id, fleetID: north, partnerID: "acme", webhookID: "msg_1", receivedAt: moment,
            bodyBytes: 135, bodyHash: hash, accepted: 1, duplicates: 2)
        let columns = ReceiptsCommand.columns
        #expect(
            try CommandOutput([receipt], columns: columns).rendered(asJSON: true)
                == #"[{"accepted":1,"body_bytes":135,"body_sha256":"\#(hash)","duplicates":2,"#
                + #""fleet_id":"north","partner_id":"acme","post_id":"01a1fe1b-1c40-7000-87e7-c1051778e6ee","#
                + #""received_at":"2026-11-20T17:00:00.123Z","webhook_id":"msg_1"}]"#)
        let shown = columns.filter { $0.title != nil }
        #expect(shown.map { $0.cell(receipt) }.last == "0123456789abcdef")
        receipt.partnerID = nil
        receipt.webhookID = nil
        receipt.bodyHash = nil
        #expect(
            shown.map { $0.cell(receipt) }
                == ["2026-11-20T17:00:00.123Z", "north", "-", "-", "1", "2", "135", "-"])
    }
}
