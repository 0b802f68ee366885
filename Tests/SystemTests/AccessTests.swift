import Foundation
import HarborFleetTesting
import Testing
import WebSockets

/// Who may read, on the real server: tokens, cookies, and what a revocation or a removal does to open streams.
@Suite(.serialized, .timeLimit(.minutes(2))) struct AccessTests {
    /// A server that wants tokens, with the fleets `north` and `south`.
    private func bench() async throws -> LiveBench {
        let bench = try await LiveBench(environment: ["HARBOR_PUBLIC_READ": "false"])
        try await bench.server.addFleet("north")
        try await bench.server.addFleet("south")
        return bench
    }

    @Test func token_opensItsFleetsOnly_byHeaderOrQuery() async throws {
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
            try await waitUntil { client.messages.first?.type == "snapshot" }
        }
        #expect(await bench.refusal(of: "north") == 401)
        #expect(await bench.refusal(of: "north", query: "?token=hft_wrong") == 401)
        #expect(await bench.refusal(of: "south", fields: [header]) == 404)
        #expect(await bench.refusal(of: "nowhere", query: "?token=\(token)") == 404)
        // A token in the query opens live streams alone, and no log holds one.
        let anonymous = APIClient(port: bench.server.publicPort)
        #expect(try await anonymous.get("/api/v1/fleets/north/status?token=\(token)").status == 401)
        #expect(bench.server.log.contains("/live"))
        #expect(!bench.server.log.contains(token))
    }

    @Test func anAdminsToken_readsLikeAViewers_andSaysSoWhenItIsMade() async throws {
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

    @Test func revokedToken_closesItsStreams_andIsRefused_withinASecond() async throws {
        let bench = try await bench()
        let token = try await bench.server.addToken("desk")
        let other = try await bench.server.addToken("other")
        let api = APIClient(port: bench.server.publicPort, token: token)
        #expect(try await api.get("/api/v1/fleets/north/status").status == 200)
        let revoked = try await bench.subscriber(of: "north", query: "?token=\(token)")
        let kept = try await bench.subscriber(of: "north", query: "?token=\(other)")
        try await waitUntil { revoked.messages.count == 1 && kept.messages.count == 1 }

        #expect(try await bench.server.run(["tokens", "revoke", "desk"]).exit == .code(0))
        let start = ContinuousClock.now
        try await waitUntil { try await api.get("/api/v1/fleets/north/status").status == 401 }
        try await waitUntil { revoked.closeCode == .policyViolation }
        #expect(ContinuousClock.now - start < .seconds(1.5))
        #expect(await bench.refusal(of: "north", query: "?token=\(token)") == 401)
        #expect(kept.closeCode == nil && !kept.hasEnded)
        let stillGood = APIClient(port: bench.server.publicPort, token: other)
        #expect(try await stillGood.get("/api/v1/fleets/north/status").status == 200)
    }

    @Test func removedFleet_closesItsStreams_andIsUnknown_withinASecond() async throws {
        let bench = try await LiveBench()
        let north = try await bench.addFleet("north")
        let south = try await bench.addFleet("south")
        #expect(try await north.post([SentFix("a", at: 0)], to: "north").status == 202)
        #expect(try await south.post([SentFix("a", at: 0)], to: "south").status == 202)
        let removed = try await bench.subscriber(of: "north")
        let kept = try await bench.subscriber(of: "south")
        try await waitUntil { removed.messages.count == 1 && kept.messages.count == 1 }

        #expect(try await bench.server.run(["fleets", "remove", "north"]).exit == .code(0))
        let start = ContinuousClock.now
        try await waitUntil { try await north.get("/api/v1/fleets/north/status").status == 404 }
        try await waitUntil { removed.closeCode == .goingAway }
        // No partner of it is left, so its POSTs say what those to an unknown fleet say.
        try await waitUntil { try await north.post([SentFix("a", at: 1)], to: "north").status == 401 }
        #expect(ContinuousClock.now - start < .seconds(1.5))
        #expect(try await south.post([SentFix("a", at: 1)], to: "south").status == 202)
        try await waitUntil { kept.messages.count == 2 }
        #expect(kept.faults == [])

        // One of the same name starts empty.
        try await bench.server.addFleet("north")
        try await waitUntil { try await north.get("/api/v1/fleets/north/status").status == 200 }
        let status = try LiveMessage(try await north.get("/api/v1/fleets/north/status").body)
        #expect(status.vehicles == [])
    }

    @Test func session_isAStrictHttpOnlyCookie_thatForeignPagesCannotUse() async throws {
        let bench = try await bench()
        let token = try await bench.server.addToken("desk", fleets: ["north"])
        #expect(try await bench.session(#"{"token":"hft_wrong"}"#).status == 401)
        #expect(
            try await bench.session(#"{"token":"\#(token)"}"#, ["Origin: http://evil.test"]).status == 403)
        let answer = try await bench.session(#"{"token":"\#(token)"}"#)
        #expect(answer.status == 204)
        let setCookie = try #require(answer["set-cookie"])
        let attributes = setCookie.split(separator: ";").map { $0.drop { $0 == " " } }
        #expect(attributes.contains("HttpOnly") && attributes.contains("SameSite=Strict"))
        #expect(attributes.contains("Path=/"))
        #expect(!setCookie.contains(token))
        let cookie = "Cookie: \(attributes[0])"

        let api = APIClient(port: bench.server.publicPort)
        #expect(try await api.get("/api/v1/fleets/north/status", fields: [cookie]).status == 200)
        #expect(try await api.get("/api/v1/fleets/south/status", fields: [cookie]).status == 404)
        let own = try await bench.subscriber(of: "north", fields: [cookie, "Origin: http://localhost"])
        try await waitUntil { own.messages.first?.type == "snapshot" }
        #expect(await bench.refusal(of: "north", fields: [cookie, "Origin: http://evil.test"]) == 403)
        #expect(await bench.refusal(of: "north", fields: [cookie, "Origin: null"]) == 403)
        #expect(await bench.refusal(of: "north", fields: [cookie]) == 403)

        // The token's end is its sessions' end.
        #expect(try await bench.server.run(["tokens", "revoke", "desk"]).exit == .code(0))
        try await waitUntil {
            try await api.get("/api/v1/fleets/north/status", fields: [cookie]).status == 401
        }
        try await waitUntil { own.closeCode == .policyViolation }
    }

    @Test func session_outlivesARestart_andEndsWithDelete() async throws {
        let bench = try await bench()
        let token = try await bench.server.addToken("desk")
        let answer = try await bench.session(#"{"token":"\#(token)"}"#)
        let cookie = "Cookie: \(try #require(answer["set-cookie"]).prefix { $0 != ";" })"
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
    /// The status with which an upgrade is refused; 101 when it is not.
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
    /// The problem without the one member that differs each time.
    fileprivate var withoutInstance: [String] {
        text.split(separator: ",").map(String.init).filter { !$0.contains("\"instance\"") }
    }
}
