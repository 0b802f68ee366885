import FleetAccess
import HarborFleet
import Testing

@testable import HarborFleetCommands
@testable import HarborFleetStorage

@Suite struct CommandAnswerTests {
    private let moment = Timestamp(milliseconds: 1_795_194_000_123)

    @Test func aSecret_standsAloneOnItsLine_orInAnObject() throws {
        let secret = PartnerSecretAnswer(partnerID: "acme", secret: "whsec_a/b=")
        #expect(try secret.rendered(asJSON: false) == "whsec_a/b=")
        #expect(try secret.rendered(asJSON: true) == #"{"partner_id":"acme","secret":"whsec_a/b="}"#)
        let token = TokenAnswer(name: "desk", token: "hft_x")
        #expect(try token.rendered(asJSON: false) == "hft_x")
        #expect(try token.rendered(asJSON: true) == #"{"name":"desk","token":"hft_x"}"#)
    }

    @Test func aList_isATableOrAnArray() throws {
        let north = try #require(FleetID("north"))
        let far = try #require(FleetID("far-away"))
        let list = TableAnswer([FleetRow(Fleet(id: far, name: "Far")), FleetRow(Fleet(id: north, name: "N"))])
        #expect(try list.rendered(asJSON: false) == "FLEET     NAME\nfar-away  Far\nnorth     N")
        #expect(
            try list.rendered(asJSON: true)
                == #"[{"fleet_id":"far-away","name":"Far"},{"fleet_id":"north","name":"N"}]"#)
        #expect(try TableAnswer<FleetRow>([]).rendered(asJSON: true) == "[]")
    }

    @Test func partners_leaveOutWhatIsNotSet() throws {
        let id = try #require(PartnerID("acme"))
        let fleets = try [#require(FleetID("b")), #require(FleetID("a"))]
        var partner = Partner(id: id, fleets: fleets, createdAt: moment)
        #expect(
            try TableAnswer([PartnerRow(partner)]).rendered(asJSON: true)
                == #"[{"created_at":"2026-11-20T17:00:00.123Z","fleets":["a","b"],"partner_id":"acme","#
                + #""require_fleet_id":false}]"#)
        partner.settings = PartnerSettings(
            limits: PartnerLimits(fixesPerSecond: 500), requiresFleetID: true)
        let table = try #require(try TableAnswer([PartnerRow(partner)]).rendered(asJSON: false))
        #expect(
            table.split(separator: "\n") == [
                "PARTNER  FLEETS  FIXES/S  REQUESTS/S  FLEET_ID  CREATED                   REVOKED",
                "acme     a,b     500      -           required  2026-11-20T17:00:00.123Z  -",
            ])
    }

    @Test func settings_areToldToProgramsOnly_withoutThoseThatAreNot() throws {
        let id = try #require(PartnerID("acme"))
        let answer = PartnerSettingsAnswer(
            id, PartnerSettings(limits: PartnerLimits(requestsPerSecond: 7)))
        #expect(try answer.rendered(asJSON: false) == nil)
        #expect(try answer.rendered(asJSON: true) == #"{"partner_id":"acme","requests_per_second":7}"#)
        let bound = PartnerSettingsAnswer(id, PartnerSettings(requiresFleetID: true))
        #expect(try bound.rendered(asJSON: true) == #"{"partner_id":"acme","require_fleet_id":true}"#)
    }

    @Test func aTokenForAllFleets_namesNone() throws {
        let token = Token(name: "desk", role: .viewer, scope: .all, createdAt: moment, revokedAt: moment)
        let time = "2026-11-20T17:00:00.123Z"
        #expect(
            try TableAnswer([TokenRow(token)]).rendered(asJSON: true)
                == #"[{"created_at":"\#(time)","name":"desk","revoked_at":"\#(time)","role":"viewer"}]"#)
    }

    @Test func aRemoval_isToldToProgramsOnly() throws {
        let answer = SubjectAnswer(members: ["vehicle_id": "v", "fleet_id": "f"])
        #expect(try answer.rendered(asJSON: false) == nil)
        #expect(try answer.rendered(asJSON: true) == #"{"fleet_id":"f","vehicle_id":"v"}"#)
    }

    @Test func aReceipt_leavesOutWhatIsNotKnown() throws {
        let id = PostID(high: 0x01a1_fe1b_1c40_7000, low: 0x87e7_c105_1778_e6ee)
        let north = try #require(FleetID("north"))
        let hash = String(repeating: "0123456789abcdef", count: 4)
        var receipt = Receipt(
            postID: id, fleetID: north, partnerID: "acme", webhookID: "msg_1", receivedAt: moment,
            bodyBytes: 135, bodyHash: hash, accepted: 1, duplicates: 2)
        #expect(
            try TableAnswer([ReceiptRow(receipt)]).rendered(asJSON: true)
                == #"[{"accepted":1,"body_bytes":135,"body_sha256":"\#(hash)","duplicates":2,"#
                + #""fleet_id":"north","partner_id":"acme","post_id":"01a1fe1b-1c40-7000-87e7-c1051778e6ee","#
                + #""received_at":"2026-11-20T17:00:00.123Z","webhook_id":"msg_1"}]"#)
        #expect(ReceiptRow(receipt).cells.last == "0123456789abcdef")
        receipt.partnerID = nil
        receipt.webhookID = nil
        receipt.bodyHash = nil
        #expect(
            ReceiptRow(receipt).cells
                == ["2026-11-20T17:00:00.123Z", "north", "-", "-", "1", "2", "135", "-"])
        #expect(ReceiptRow(receipt).cells.count == ReceiptRow.columns.count)
    }
}
