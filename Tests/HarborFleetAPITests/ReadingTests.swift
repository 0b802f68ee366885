import Crypto
import FleetAccess
import HarborFleet
import HarborFleetTesting
import HarborFleetWebTesting
import StoreCache
import Testing

@testable import HarborFleetAPI

@Suite(.timeLimit(.minutes(1))) struct ReadingTests {
    @Test func status_isNotModified_whenItsTagIsCurrent() async throws {
        try await WebServer.with(token: "t") { server in
            #expect(try await server.post(["van-1"]).status == 202)
            let first = try await server.get("/api/v1/fleets/north/status", token: "t")
            #expect(first.status == 200)
            #expect(first.text.contains("\"vehicle_id\":\"van-1\""))
            let tag = try #require(first["ETag"])
            #expect(first["Vary"] == "Accept-Encoding, Authorization")
            #expect(first["Cache-Control"] == "private, no-cache")
            #expect(first["X-Content-Type-Options"] == "nosniff")
            let again = try await server.get(
                "/api/v1/fleets/north/status", token: "t", ["If-None-Match: \"other\", W/\(tag)"])
            #expect(again.status == 304)
            #expect(again["ETag"] == tag)
            #expect(again["X-Content-Type-Options"] == "nosniff")
            #expect(again.body.isEmpty)
            #expect(try await server.post(["van-2"]).status == 202)
            let changed = try await server.get(
                "/api/v1/fleets/north/status", token: "t", ["If-None-Match: \(tag)"])
            #expect(changed.status == 200)
            #expect(changed["ETag"] != tag)
        }
    }

    @Test func head_hasTheFieldsOfGet_andNoBody() async throws {
        try await WebServer.with(token: "t") { server in
            let get = try await server.get("/api/v1/fleets/north/status", token: "t")
            let head = try await server.request(
                "HEAD", "/api/v1/fleets/north/status", ["Authorization: Bearer \(WebServer.token("t"))"])
            #expect(head.status == 200)
            #expect(head["Content-Length"] == get["Content-Length"])
            #expect(head["ETag"] == get["ETag"])
        }
    }

    @Test func hiddenFleet_isAnsweredLikeAnUnknownOne() async throws {
        try await WebServer.with { server in
            try server.addToken("t", fleets: ["north"])
            let id = ["X-Request-Id: same"]
            for path in ["status", "vehicles/van-1", "live"] {
                let foreign = try await server.get("/api/v1/fleets/south/\(path)", token: "t", id)
                let unknown = try await server.get("/api/v1/fleets/nowhere/\(path)", token: "t", id)
                #expect(foreign.status == 404)
                #expect(foreign.body == unknown.body)
                #expect(foreign["Content-Type"] == "application/problem+json")
            }
            let list = try await server.get("/api/v1/fleets", token: "t")
            #expect(list.text.contains("north"))
            #expect(!list.text.contains("south"))
        }
    }

    /// Fleets without a tracker are listed without counts.
    @Test func list_leavesCountsOut_whenTheStoreIsAway() async throws {
        try await WebServer.with(token: "t") { server in
            #expect(try await server.get("/api/v1/fleets/north/status", token: "t").status == 200)
            server.fixes.failLoading { _ in StoreError(.unavailable, detail: "away") }
            let start = ContinuousClock.now
            let list = try await server.get("/api/v1/fleets", token: "t")
            #expect(ContinuousClock.now - start < .seconds(4))
            #expect(
                list.text
                    == #"{"fleets":[{"counts":{"idle":0,"moving":0,"offline":0},"fleet_id":"north","name":"north"},"#
                    + #"{"fleet_id":"south","name":"south"}]}"#)
            server.fixes.failLoading(nil)
            // This is a poll, because the list does not wait for the trackers that it starts.
            try await waitUntil {
                try await !server.get("/api/v1/fleets", token: "t").text.contains(#"},{"fleet_id""#)
            }
        }
    }

    @Test func list_leavesCountsOut_whenTheStoreIsSilent() async throws {
        try await WebServer.with(token: "t") { server in
            #expect(try await server.get("/api/v1/fleets/north/status", token: "t").status == 200)
            let gate = AsyncStream.makeStream(of: Void.self)
            server.fixes.holdLoading { for await _ in gate.stream.prefix(1) {} }
            defer { gate.continuation.finish() }
            let start = ContinuousClock.now
            let list = try await server.get("/api/v1/fleets", token: "t")
            #expect(ContinuousClock.now - start < .seconds(4))
            #expect(list.text.contains(#"{"fleet_id":"south""#) && list.text.contains("counts"))
        }
    }

    @Test(arguments: [nil, "wrong", "expired"])
    func reads_needAValidToken_withoutPublicRead(token: String?) async throws {
        try await WebServer.with { server in
            try server.addToken("expired", expiresAt: Timestamp(milliseconds: 1))
            let response = try await server.get("/api/v1/fleets/north/status", token: token)
            #expect(response.status == 401)
            #expect(response["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
        }
        try await WebServer.with(publicRead: true) { server in
            let response = try await server.get("/api/v1/fleets/north/status", token: token)
            #expect(response.status == 200)
        }
    }

    /// The token stays known while the database is away.
    @Test func knownToken_isNotLookedUpAgain_untilSomethingChanges() async throws {
        try await WebServer.with(token: "t") { server in
            #expect(try await server.get("/api/v1/fleets/north/status", token: "t").status == 200)
            let lookUps = server.store.lookUps
            server.store.setAway(true)
            #expect(try await server.get("/api/v1/fleets/north/status", token: "t").status == 200)
            #expect(server.store.lookUps == lookUps)
            let unknown = try await server.get("/api/v1/fleets/north/status", token: "u")
            #expect(unknown.status == 503)
            #expect(unknown["Retry-After"] != nil)
            server.store.setAway(false)
            server.store.removeToken(hash: Credential.token(WebServer.token("t")).hash)
            server.revision.changed()
            #expect(try await server.get("/api/v1/fleets/north/status", token: "t").status == 401)
        }
    }

    /// The id is that of the client when it is valid.
    @Test func response_carriesTheRequestID() async throws {
        try await WebServer.with { server in
            let named = try await server.get("/health", token: nil, ["X-Request-Id: abc-123"])
            #expect(named["X-Request-Id"] == "abc-123")
            let odd = try await server.get("/nothing", token: nil, ["X-Request-Id: a b"])
            #expect(odd.status == 404)
            let id = try #require(odd["X-Request-Id"])
            #expect(id != "a b")
            #expect(odd.text.contains("\"instance\":\"\(id)\""))
        }
    }

    /// The reader is remembered with the head of its request.
    @Test(
        arguments: [true, false],
        ["fleets/north/status", "fleets/north/vehicles/van-1", "fleets"])
    func rememberedReader_ends_withAChangeOrItsExpiry(byChange: Bool, path: String) async throws {
        try await WebServer.with { server in
            try server.addToken("t", expiresAt: server.clock.now().advanced(by: .seconds(60)))
            #expect(try await server.post(["van-1"]).status == 202)
            let path = "/api/v1/" + path
            // Twenty requests reach both loops.
            for _ in 0..<20 { #expect(try await server.get(path, token: "t").status == 200) }
            if byChange {
                server.store.removeToken(hash: Credential.token(WebServer.token("t")).hash)
                server.revision.changed()
            } else {
                server.clock.advance(by: .seconds(60))
            }
            for _ in 0..<20 { #expect(try await server.get(path, token: "t").status == 401) }
        }
    }

    @Test func readersOnOneConnection_getOnlyWhatTheyMayRead() async throws {
        try await WebServer.with { server in
            try server.addToken("t")
            try server.addToken("elsewhere", fleets: ["south"])
            let client = try RawClient(port: server.port)
            for (token, status) in Array(repeating: [("t", 200), ("elsewhere", 404), ("new", 401)], count: 9)
                .joined()
            {
                try await client.send(
                    "GET /api/v1/fleets/north/status HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                        + "Authorization: Bearer \(WebServer.token(token))\r\n\r\n")
                let response = try await client.response(to: "GET", "/api/v1/fleets/north/status")
                #expect(response.status == status)
            }
        }
    }

    @Test func use_isNoted_afterThePostIsAccepted() async throws {
        try await WebServer.with { server in
            let response = try await server.post(["van-1"])
            #expect(response.status == 202)
            await server.store.waitForUse()
            #expect(server.store.uses.map(\.rawValue) == ["acme"])
        }
    }

    @Test func post_isRecordedWithTheDigestOfItsBody() async throws {
        try await WebServer.with { server in
            let recorded = EventRecorder<PendingPost>()
            server.fixes.failRecording { posts in
                for post in posts { recorded.record(post) }
                return nil
            }
            let time = SystemWallClock().now().rfc3339
            let body =
                " {\"fixes\":[{\"vehicle_id\":\"v\",\"recorded_at\":\"\(time)\",\"lat\":5,\"lng\":9}]}\n"
            #expect(try await server.post(Array(body.utf8)).status == 202)
            let post = try #require(recorded.events.first)
            #expect(post.bodyHash == Array(SHA256.hash(data: Array(body.utf8))))
            #expect(post.bodyBytes == body.utf8.count)
        }
    }

    /// The same POST would be refused again.
    @Test func post_is422_whenTheDatabaseRejectsIt() async throws {
        try await WebServer.with { server in
            server.fixes.failRecording { _ in StoreError(.rejected, detail: "22P02") }
            let refused = try await server.post(["van-1"])
            #expect(refused.status == 422 && refused.text.contains("urn:harbor-fleet:problem:not-storable"))
            #expect(!refused.text.contains("22P02"))
            server.fixes.failRecording { _ in StoreError(.notYet, detail: "23514") }
            let early = try await server.post(["van-1"])
            #expect(early.status == 503 && early["retry-after"] == "2")
            server.fixes.failRecording(nil)
            #expect(try await server.post(["van-1"]).status == 202)
        }
    }

    @Test func vehicle_isThatOfTheStatus() async throws {
        try await WebServer.with(token: "t") { server in
            #expect(try await server.post(["van-1", "van-2"]).status == 202)
            let vehicle = try await server.get("/api/v1/fleets/north/vehicles/van-2", token: "t")
            let status = try await server.get("/api/v1/fleets/north/status", token: "t")
            #expect(status.text.contains(vehicle.text))
            #expect(try await server.get("/api/v1/fleets/north/vehicles/van-3", token: "t").status == 404)
        }
    }
}
