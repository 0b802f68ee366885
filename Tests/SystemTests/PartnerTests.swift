import Foundation
import HarborFleetTesting
import Testing

/// What commands change for the partners of a running server: secrets and limits.
@Suite(.serialized, .timeLimit(.minutes(2))) struct PartnerTests {
    private func status(_ api: APIClient, _ number: Int = 0, to fleet: String = "north") async throws -> Int {
        try await api.post([SentFix("van", at: number)], to: fleet).status
    }

    private func rotate(_ bench: LiveBench, _ arguments: [String] = []) async throws -> APIClient {
        let members = try await bench.server.json(
            [String: String].self, from: ["partners", "rotate", "partner-north"] + arguments)
        let secret = try #require(members["secret"])
        return APIClient(port: bench.server.publicPort, secret: secret)
    }

    @Test func rotatedSecret_isAcceptedUntilItsOverlapEndsOrItIsRevoked_withinASecond() async throws {
        let bench = try await LiveBench()
        let first = try await bench.addFleet("north")
        let other = try await bench.addFleet("south")
        #expect(try await status(first) == 202)

        let second = try await rotate(bench)
        try await second.waitForPost(202)
        #expect(try await status(first) == 202)
        // 1.8 s.
        let third = try await rotate(bench, ["--overlap", "0.0005"])
        try await third.waitForPost(202)
        try await first.waitForPost(401)
        #expect(try await status(second) == 401)
        #expect(try await status(third) == 202)

        let fourth = try await rotate(bench, ["--overlap", "0"])
        let rotated = ContinuousClock.now
        try await third.waitForPost(401)
        #expect(ContinuousClock.now - rotated < .seconds(1.5))
        try await fourth.waitForPost(202)

        // A partner may post to its own fleets alone. Elsewhere the response is that of an unknown fleet.
        let wrong = try await fourth.post([SentFix("van", at: 0)], to: "south")
        let unknown = try await fourth.post([SentFix("van", at: 0)], to: "nowhere")
        #expect(wrong.status == 401 && unknown.status == 401)
        #expect(wrong.problem == unknown.problem)
        #expect(try await status(other, to: "south") == 202)

        #expect(try await bench.server.run(["partners", "revoke", "partner-north"]).exit == .code(0))
        let revoked = ContinuousClock.now
        try await fourth.waitForPost(401)
        #expect(ContinuousClock.now - revoked < .seconds(1.5))
    }

    @Test func limits_areSetListedAndLifted_byCommandsThatTheRunningServerFollows() async throws {
        let bench = try await LiveBench()
        let north = try await bench.addFleet("north")
        #expect(try await status(north) == 202)
        let set = ["partners", "set", "partner-north"]
        let limited = try await bench.server.run(
            set + ["--requests-per-second", "1", "--fixes-per-second", "500", "--json"])
        #expect(limited.exit == .code(0))
        #expect(
            limited.standardOutput
                == #"{"fixes_per_second":500,"partner_id":"partner-north","requests_per_second":1}"# + "\n")
        let start = ContinuousClock.now
        try await north.waitForPost(429)
        #expect(ContinuousClock.now - start < .seconds(2.5))
        let list = try await bench.server.run(["partners", "list", "--json"]).standardOutput
        #expect(
            list.contains(#""fixes_per_second":500"#)
                && list.contains(#""requests_per_second":1,"require_fleet_id":false}"#))
        let table = try await bench.server.run(["partners", "list"])
        #expect(table.standardOutput.contains("500"))

        let lifted = try await bench.server.run(
            set + ["--requests-per-second", "none", "--fixes-per-second", "0"])
        #expect(lifted.exit == .code(0) && lifted.standardOutput.isEmpty)
        #expect(lifted.standardError.contains("any number of fixes and any number of POSTs"))
        // The limit of one POST per second is gone once five in a row are accepted. No response announces that.
        try await waitUntil {
            for number in 0..<5 {
                guard try await status(north, number) == 202 else { return false }
            }
            return true
        }
        let unknown = try await bench.server.run(["partners", "set", "nobody", "--fixes-per-second", "1"])
        #expect(unknown.exit == .code(1))
        #expect(try await bench.server.run(set).exit == .code(2))
    }

    /// The signature does not cover the fleet, unless the body names it.
    @Test func postSignedForOneFleet_isRefusedForAnotherFleetOfThePartner() async throws {
        let server = try await ServerProcess()
        try await server.start()
        for fleet in ["north", "south"] { try await server.addFleet(fleet) }
        let added = try await server.run(
            ["partners", "add", "acme", "--fleet", "north", "--fleet", "south", "--json"])
        #expect(
            added.standardError.contains("fleet_id") && added.standardError.contains("--require-fleet-id"))
        let members = try JSONDecoder().decode(
            [String: String].self, from: Data(added.standardOutput.utf8))
        let client = APIClient(port: server.publicPort, secret: members["secret"])
        let alone = try await server.run(["partners", "add", "one", "--fleet", "north", "--fleet", "north"])
        #expect(alone.exit != .code(0) || !alone.standardError.contains("fleet_id"))

        let body = Array(SentFix.body([SentFix("van", at: 0)]).utf8)
        let request = client.request(fixes: body, to: "north")
        let moved = Array(
            String(decoding: request, as: UTF8.self).replacing("/fleets/north/", with: "/fleets/south/").utf8)
        func send(_ bytes: [UInt8]) async throws -> RawResponse {
            let connection = try RawClient(port: server.publicPort)
            try await connection.send(bytes)
            return try await connection.response()
        }
        #expect(try await send(request).status == 202)
        #expect(try await send(moved).status == 401)
        #expect(try await send(request).status == 202)
        // A new fix is accepted by whichever fleet receives it first.
        #expect(try await status(client, 1, to: "south") == 202)

        let set = ["partners", "set", "acme"]
        let required = try await server.run(set + ["--require-fleet-id", "--json"])
        #expect(
            required.standardOutput == #"{"partner_id":"acme","require_fleet_id":true}"# + "\n")
        try await client.waitForPost(422, at: 2)
        let bound = SentFix.body([SentFix("van", at: 3)]).replacing(
            "{\"fixes\"", with: #"{"fleet_id":"north","fixes""#)
        #expect(try await client.post(fixes: bound, to: "north").status == 202)
        let elsewhere = try await client.post(fixes: bound, to: "south")
        #expect(elsewhere.status == 422 && elsewhere.text.contains(#""pointer":"/fleet_id""#))
        let list = try await server.run(["partners", "list", "--json"]).standardOutput
        #expect(list.contains(#""require_fleet_id":true"#))

        let lifted = try await server.run(set + ["--no-require-fleet-id", "--json"])
        #expect(lifted.standardOutput == #"{"partner_id":"acme"}"# + "\n")
        try await client.waitForPost(202, at: 4)
    }

    @Test func refusedPost_hasItsCauseInLogAndMetrics_butNotInTheResponse() async throws {
        let bench = try await LiveBench()
        let north = try await bench.addFleet("north")
        let body = SentFix.body([SentFix("van", at: 0)])
        func send(_ id: String, _ fields: [String], to fleet: String = "north") async throws -> RawResponse {
            let client = try RawClient(port: bench.server.publicPort)
            let head = [
                "POST /api/v1/fleets/\(fleet)/fixes HTTP/1.1", "Host: h", "X-Request-Id: \(id)",
                "Content-Type: application/json", "Content-Length: \(body.utf8.count)",
            ]
            try await client.send((head + fields).joined(separator: "\r\n") + "\r\n\r\n" + body)
            return try await client.response()
        }
        let signing = try #require(north.signing)
        let good = signing.fields(for: Array(body.utf8))
        let foreign = WebhookSigning(secret: "whsec_AAAA").fields(for: Array(body.utf8))
        let stale = signing.fields(for: Array(body.utf8), offsetSeconds: -400)
        let unreadable = good.prefix(2) + ["webhook-signature: v2,AAAA"]
        let responses = try await [
            send("no-secret", foreign), send("no-fleet", good, to: "nowhere"), send("stale", stale),
            send("missing", Array(good.prefix(2))), send("malformed", Array(unreadable)),
        ]
        #expect(responses.allSatisfy { $0.status == 401 && $0.problem == responses[0].problem })
        let log = bench.server.log.split(separator: "\n").filter { $0.contains("a POST of fixes is refused") }
        let causes = [
            ("no-secret", "no_secret_fits"), ("no-fleet", "unknown_fleet"), ("stale", "stale"),
            ("missing", "header_missing"), ("malformed", "header_malformed"),
        ]
        let metrics = try await APIClient(port: bench.server.operationsPort).get("/metrics").text
        for (id, cause) in causes {
            #expect(log.contains { $0.contains("\"\(id)\"") && $0.contains("\"\(cause)\"") }, "\(cause)")
            #expect(metrics.contains("harbor_ingest_refused_total{cause=\"\(cause)\"} 1"), "\(cause)")
        }
        #expect(log.contains { $0.contains("\"stale_by_s\":40") })
    }

    @Test func simulator_readsItsSecretFromAFile_andFailsWithoutOne() async throws {
        let bench = try await LiveBench()
        try await bench.server.addFleet("north")
        let secret = try await bench.server.addPartner("acme", fleets: ["north"])
        _ = try await bench.server.run(["partners", "set", "acme", "--require-fleet-id"])
        let path = bench.server.home.path + "/secret"
        try Data((secret + "\n").utf8).write(to: URL(filePath: path))
        let drive = [
            "simulate", "--url", "http://127.0.0.1:\(bench.server.publicPort)", "--fleet", "north",
            "--vehicles", "2", "--interval-s", "0.1", "--duration-s", "0.5", "--json",
        ]
        let driven = try await bench.server.run(drive + ["--secret-file", path])
        #expect(driven.exit == .code(0), "\(driven.standardError)")
        #expect(try await bench.server.run(drive).exit == .code(2))
        #expect(try await bench.server.run(drive + ["--secret-file", path + ".none"]).exit == .code(1))
    }

    @Test func command_makesNoSecret_whenTheServerCouldNotOpenIt() async throws {
        let server = try await ServerProcess()
        try await server.start()
        try await server.addFleet("north")
        let url = try #require(server.databaseURL)
        // As from another directory, without the server's HARBOR_DATA_DIR.
        let elsewhere = try await ServerProcess(database: .url(url))
        let add = ["partners", "add", "acme", "--fleet", "north"]
        let early = try await elsewhere.run(add)
        #expect(early.exit == .code(1) && early.standardOutput.isEmpty)
        #expect(early.standardError.contains("HARBOR_SECRET_KEY"))

        let secret = try await server.addPartner("acme", fleets: ["north"])
        let withoutTheKey = [
            elsewhere,
            try await ServerProcess(
                database: .url(url), environment: ["HARBOR_SECRET_KEY": "another pass phrase"]),
        ]
        for place in withoutTheKey {
            for command in [
                ["partners", "add", "late", "--fleet", "north"], ["partners", "rotate", "acme"],
            ] {
                let output = try await place.run(command)
                #expect(output.exit == .code(1) && output.standardOutput.isEmpty)
                #expect(output.standardError.contains("HARBOR_SECRET_KEY"))
            }
            #expect(try await place.run(["partners", "list"]).standardOutput.contains("acme"))
            let limits = ["partners", "set", "acme", "--fixes-per-second", "500"]
            #expect(try await place.run(limits).exit == .code(0))
            let key = place.home.dataDirectory + "/secret.key"
            #expect(!FileManager.default.fileExists(atPath: key))
        }
        let client = APIClient(port: server.publicPort, secret: secret)
        let time = Date().formatted(.iso8601)
        let fixes = #"{"fixes":[{"vehicle_id":"van-7","recorded_at":"\#(time)","lat":53.5,"lng":10}]}"#
        #expect(try await client.post(fixes: fixes, to: "north").status == 202)
        #expect(try await server.run(["partners", "rotate", "acme"]).exit == .code(0))

        // A key that was changed on purpose: the secrets of revoked partners do not count.
        #expect(try await withoutTheKey[1].run(["partners", "revoke", "acme"]).exit == .code(0))
        #expect(try await withoutTheKey[1].run(add).exit == .code(0))
    }

    @Test func serverWithAnotherKey_logsItOnce_andStaysReady() async throws {
        let first = try await ServerProcess()
        #expect(try await first.run(["migrate"]).exit == .code(0))
        try await first.start()
        try await first.addFleet("north")
        let secret = try await first.addPartner("acme", fleets: ["north"])
        #expect(try await first.check("secrets")?.status == "ok")
        await first.stop(SIGKILL)
        let second = try await ServerProcess(database: .url(try #require(first.databaseURL)))
        try await second.start()
        try await second.waitForCheck("secrets") { $0.status == "failed" }
        #expect(try await second.check("secrets")?.detail.contains("1 valid secret of partners") == true)
        #expect(try await second.isReady())
        let client = APIClient(port: second.publicPort, secret: secret)
        for _ in 1...3 { #expect(try await client.post(fixes: "{}", to: "north").status == 401) }
        let lines = second.log.split(separator: "\n").filter { $0.contains("HARBOR_SECRET_KEY") }
        #expect(lines.count == 1 && lines.first?.contains("acme") == true, "\(lines)")

        // The running server follows when the partner is revoked.
        #expect(try await second.run(["partners", "revoke", "acme"]).exit == .code(0))
        try await second.waitForCheck("secrets") { $0.status == "ok" }
    }

    @Test func seventeenthSecretOfAFleet_isAddedWithAWarning() async throws {
        let bench = try await LiveBench()
        try await bench.server.addFleet("north")
        for partner in 1...4 {
            _ = try await bench.server.addPartner("p\(partner)", fleets: ["north"])
            for _ in 1...3 {
                let rotated = try await bench.server.run(["partners", "rotate", "p\(partner)"])
                #expect(rotated.exit == .code(0) && !rotated.standardError.contains("warning"))
            }
        }
        let one = try await bench.server.run(["partners", "add", "late", "--fleet", "north", "--json"])
        #expect(one.exit == .code(0))
        #expect(one.standardError.contains("warning: fleet 'north' has 17 valid secrets"))
        #expect(one.standardOutput.hasPrefix("{\"partner_id\":\"late\",\"secret\":\"whsec_"))
    }
}

extension RawResponse {
    /// The problem's members, without the one that differs each time.
    fileprivate var problem: [String: String] {
        let members = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
        return members.filter { $0.key != "instance" }.mapValues { "\($0)" }
    }
}
