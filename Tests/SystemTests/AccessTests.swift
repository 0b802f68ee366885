import Foundation
import HarborFleetTesting
import Testing
import WebSockets

/// Access of readers on the real server: tokens, cookies, and the effect of a revocation or a removal on open streams.
@Suite(.serialized, .timeLimit(.minutes(2))) struct AccessTests {
    /// A server that requires tokens, with the fleets `north` and `south`.
    private func bench() async throws -> LiveBench {
        let bench = try await LiveBench(environment: ["HARBOR_PUBLIC_READ": "false"])
        try await bench.server.addFleet("north")
        try await bench.server.addFleet("south")
        return bench
    }

    @Test func token_readsItsFleetsAlone_inHeaderOrQuery() async throws {
        let bench = try await bench()
        let token = try await bench.server.addToken("desk", fleets: ["north"])
        let header = "Authorization: Bearer \(token)"
        let api = APIClient(port: bench.server.publicPort, token: token)
        #expect(try await api.get("/api/v1/fleets/north/status").status == 200)
        let hidden = try await api.get("/api/v1/fleets/south/status")
        let unknown = try await api.get("/api/v1/fleets/nowhere/status")
        #expect(hidden.status == 404 && unknown.status == 404)
        #expect(hidden.withoutInstance == unknown.withoutInstance)

        for client in [
            try await bench.subscriber(of: "north", fields: [header]),
            try await bench.subscriber(of: "north", query: "?token=\(token)"),
        ] {
            #expect(try await client.messages(count: 1).first?.type == "snapshot")
        }
        #expect(await bench.refusal(of: "north") == 401)
        #expect(await bench.refusal(of: "north", query: "?token=hft_wrong") == 401)
        #expect(await bench.refusal(of: "south", fields: [header]) == 404)
        #expect(await bench.refusal(of: "nowhere", query: "?token=\(token)") == 404)
        // A token in the query is accepted for live streams alone, and the log holds none.
        let anonymous = APIClient(port: bench.server.publicPort)
        #expect(try await anonymous.get("/api/v1/fleets/north/status?token=\(token)").status == 401)
        #expect(bench.server.log.contains("/live"))
        #expect(!bench.server.log.contains(token))
    }

    @Test func adminToken_readsLikeAViewerToken_andTheCommandSaysSo() async throws {
        let bench = try await bench()
        let add = ["tokens", "add", "boss", "--role", "admin", "--json"]
        let added = try await bench.server.run(add)
        #expect(added.standardError.contains("admin may read the same as viewer"))
        let members = try JSONDecoder().decode([String: String].self, from: Data(added.standardOutput.utf8))
        let api = APIClient(port: bench.server.publicPort, token: members["token"])
        #expect(try await api.get("/api/v1/fleets/north/status").status == 200)
        let viewer = try await bench.server.run(["tokens", "add", "desk", "--role", "viewer"])
        #expect(!viewer.standardError.contains("admin"))
    }

    @Test func revokedToken_isRefusedAndItsStreamsClose_withinASecond() async throws {
        let bench = try await bench()
        let token = try await bench.server.addToken("desk")
        let other = try await bench.server.addToken("other")
        let api = APIClient(port: bench.server.publicPort, token: token)
        #expect(try await api.get("/api/v1/fleets/north/status").status == 200)
        let revoked = try await bench.subscriber(of: "north", query: "?token=\(token)")
        let kept = try await bench.subscriber(of: "north", query: "?token=\(other)")
        for client in [revoked, kept] { try await client.messages(count: 1) }

        #expect(try await bench.server.run(["tokens", "revoke", "desk"]).exit == .code(0))
        let start = ContinuousClock.now
        try await api.waitForStatus(401, of: "/api/v1/fleets/north/status")
        #expect(try await revoked.waitForClose() == .policyViolation)
        #expect(ContinuousClock.now - start < .seconds(1.5))
        #expect(await bench.refusal(of: "north", query: "?token=\(token)") == 401)
        #expect(kept.closeCode == nil && !kept.hasEnded)
        let stillGood = APIClient(port: bench.server.publicPort, token: other)
        #expect(try await stillGood.get("/api/v1/fleets/north/status").status == 200)
    }

    @Test func removedFleet_isUnknownAndItsStreamsClose_withinASecond() async throws {
        let bench = try await LiveBench()
        let north = try await bench.addFleet("north")
        let south = try await bench.addFleet("south")
        #expect(try await north.post([SentFix("a", at: 0)], to: "north").status == 202)
        #expect(try await south.post([SentFix("a", at: 0)], to: "south").status == 202)
        let removed = try await bench.subscriber(of: "north")
        let kept = try await bench.subscriber(of: "south")
        for client in [removed, kept] { try await client.messages(count: 1) }

        #expect(try await bench.server.run(["fleets", "remove", "north"]).exit == .code(0))
        let start = ContinuousClock.now
        try await north.waitForStatus(404, of: "/api/v1/fleets/north/status")
        #expect(try await removed.waitForClose() == .goingAway)
        // No partner may post to it any more, so the response is that of an unknown fleet.
        try await north.waitForPost(401, vehicle: "a", at: 1)
        #expect(ContinuousClock.now - start < .seconds(1.5))
        #expect(try await south.post([SentFix("a", at: 1)], to: "south").status == 202)
        try await kept.messages(count: 2)
        #expect(kept.faults == [])

        // A new fleet of the same name is empty.
        try await bench.server.addFleet("north")
        try await north.waitForStatus(200, of: "/api/v1/fleets/north/status")
        let status = try LiveMessage(try await north.get("/api/v1/fleets/north/status").body)
        #expect(status.vehicles == [])
    }

    @Test func session_isAStrictHttpOnlyCookie_thatPagesOfOtherOriginsCannotUse() async throws {
        let bench = try await bench()
        let token = try await bench.server.addToken("desk", fleets: ["north"])
        #expect(try await bench.session(#"{"token":"hft_wrong"}"#).status == 401)
        #expect(
            try await bench.session(#"{"token":"\#(token)"}"#, ["Origin: http://evil.test"]).status == 403)
        let response = try await bench.session(#"{"token":"\#(token)"}"#)
        #expect(response.status == 204)
        let setCookie = try #require(response["set-cookie"])
        let attributes = setCookie.split(separator: ";").map { $0.drop { $0 == " " } }
        #expect(attributes.contains("HttpOnly") && attributes.contains("SameSite=Strict"))
        #expect(attributes.contains("Path=/"))
        #expect(!setCookie.contains(token))
        let cookie = "Cookie: \(attributes[0])"

        let api = APIClient(port: bench.server.publicPort)
        #expect(try await api.get("/api/v1/fleets/north/status", fields: [cookie]).status == 200)
        #expect(try await api.get("/api/v1/fleets/south/status", fields: [cookie]).status == 404)
        let own = try await bench.subscriber(of: "north", fields: [cookie, "Origin: http://localhost"])
        #expect(try await own.messages(count: 1).first?.type == "snapshot")
        #expect(await bench.refusal(of: "north", fields: [cookie, "Origin: http://evil.test"]) == 403)
        #expect(await bench.refusal(of: "north", fields: [cookie, "Origin: null"]) == 403)
        #expect(await bench.refusal(of: "north", fields: [cookie]) == 403)

        // The revocation of the token ends its sessions.
        #expect(try await bench.server.run(["tokens", "revoke", "desk"]).exit == .code(0))
        try await api.waitForStatus(401, of: "/api/v1/fleets/north/status", fields: [cookie])
        #expect(try await own.waitForClose() == .policyViolation)
    }

    @Test func session_outlivesARestart_andEndsByDelete() async throws {
        let bench = try await bench()
        let token = try await bench.server.addToken("desk")
        let response = try await bench.session(#"{"token":"\#(token)"}"#)
        let cookie = "Cookie: \(try #require(response["set-cookie"]).prefix { $0 != ";" })"
        await bench.server.stop(SIGKILL)
        try await bench.server.start()
        let api = APIClient(port: bench.server.publicPort)
        #expect(try await api.get("/api/v1/fleets", fields: [cookie]).status == 200)
        let end = try await bench.send("DELETE /session HTTP/1.1", [cookie], body: "")
        #expect(end.status == 204)
        #expect(end["set-cookie"]?.contains("Max-Age=0") ?? false)
        #expect(try await api.get("/api/v1/fleets", fields: [cookie]).status == 401)
    }
}

extension LiveBench {
    /// The status with which the server refuses an upgrade; 101 when it accepts it.
    fileprivate func refusal(of fleet: String, query: String = "", fields: [String] = []) async -> Int {
        do {
            _ = try await subscriber(of: fleet, query: query, fields: fields)
            return 101
        } catch let refused as TestWebSocketClient.Refused {
            return refused.response.status
        } catch {
            return 0
        }
    }

    fileprivate func session(_ json: String, _ fields: [String] = []) async throws -> RawResponse {
        try await send(
            "POST /session HTTP/1.1", ["Content-Type: application/json"] + fields, body: json)
    }

    fileprivate func send(_ line: String, _ fields: [String], body: String) async throws -> RawResponse {
        let client = try RawClient(port: server.publicPort)
        let lines = [line, "Host: localhost", "Content-Length: \(body.utf8.count)"] + fields
        try await client.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        return try await client.response(hasBody: true)
    }
}

extension RawResponse {
    /// The members of the problem, without the one that differs each time.
    fileprivate var withoutInstance: [String] {
        text.split(separator: ",").map(String.init).filter { !$0.contains("\"instance\"") }
    }
}
