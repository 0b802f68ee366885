import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleetSite

@Suite(.timeLimit(.minutes(1))) struct SessionTests {
    private func cookie(_ response: RawResponse) throws -> String {
        String(try #require(response["Set-Cookie"]).prefix { $0 != ";" })
    }

    @Test func session_reads_untilItEnds() async throws {
        try await WebServer.with(token: "t") { server in
            let made = try await server.signIn()
            #expect(made.status == 204)
            let flags = try #require(made["Set-Cookie"])
            #expect(flags.contains("HttpOnly") && flags.contains("SameSite=Strict"))
            let cookie = ["Cookie: other=1; \(try cookie(made))"]
            #expect(try await server.get("/api/v1/fleets/north/status", token: nil, cookie).status == 200)
            let ended = try await server.request("DELETE", "/session", cookie)
            #expect(ended.status == 204)
            #expect(ended["Set-Cookie"]?.contains("Max-Age=0") == true)
            #expect(try await server.get("/api/v1/fleets/north/status", token: nil, cookie).status == 401)
        }
    }

    /// The scheme is that of a trusted proxy.
    @Test(arguments: ["https", "http", nil])
    func cookie_isSecure_behindTLS(scheme: String?) async throws {
        try await WebServer.with(access: .init(isBehindProxy: true), token: "t") { server in
            let made = try await server.signIn(scheme.map { ["X-Forwarded-Proto: \($0)"] } ?? [])
            let cookie = try #require(made["Set-Cookie"])
            #expect(cookie.hasSuffix("; Secure") == (scheme == "https"))
        }
    }

    /// A malformed body gets another status than a wrong token.
    @Test func wrongToken_makesNoSession() async throws {
        try await WebServer.with { server in
            let refused = try await server.signIn()
            #expect(refused.status == 401)
            let json = ["Content-Type: application/json"]
            #expect(try await server.request("POST", "/session", json, body: "{}").status == 400)
            #expect(try await server.request("POST", "/session", body: "x").status == 415)
        }
    }

    @Test func otherSite_canNeitherSignInNorUseTheCookie() async throws {
        try await WebServer.with(token: "t") { server in
            #expect(try await server.signIn(["Origin: http://evil.example"]).status == 403)
            let own = "http://127.0.0.1:\(server.port)"
            let session = "Cookie: \(try cookie(try await server.signIn(["Origin: \(own)"])))"
            let path = "/api/v1/fleets/north/live"
            let open = try await TestWebSocketClient(
                port: server.port, path: path, fields: [session, "Origin: http://localhost"])
            #expect(open.handshake.status == 101)
            let status = "/api/v1/fleets/north/status"
            #expect(try await server.get(status, token: nil, [session, "Origin: \(own)"]).status == 200)
            let foreign = try await server.get(status, token: nil, [session, "Origin: http://evil.example"])
            #expect(foreign.status == 403)
            for origin in [["Origin: http://evil.example"], []] {
                let fields = [session] + origin
                await #expect(throws: TestWebSocketClient.Refused.self) {
                    _ = try await TestWebSocketClient(port: server.port, path: path, fields: fields)
                }
            }
        }
    }

    /// The form works without script and leads back to the page.
    @Test func form_signsInAndOut() async throws {
        try await WebServer.with(token: "t") { server in
            let page = try await server.get("/fleets/north")
            #expect(page.status == 303)
            #expect(page["Location"] == "/sign-in?next=%2Ffleets%2Fnorth")
            let form = ["Content-Type: application/x-www-form-urlencoded"]
            func signIn(_ token: String, next: String) async throws -> RawResponse {
                let body = "token=\(WebServer.token(token))&next=\(next)"
                return try await server.request("POST", "/session", form, body: body)
            }
            let wrong = try await signIn("u", next: "%2Ffleets%2Fnorth")
            #expect(wrong.status == 303)
            #expect(wrong["Location"] == "/sign-in?next=%2Ffleets%2Fnorth&problem=token")
            #expect(wrong["Set-Cookie"] == nil)
            let right = try await signIn("t", next: "%2Ffleets%2Fnorth")
            #expect(right["Location"] == "/fleets/north")
            let session = "Cookie: \(try cookie(right))"
            let shown = try await server.get("/fleets/north", token: nil, [session])
            #expect(shown.status == 200)
            #expect(shown["Content-Security-Policy"]?.contains("default-src 'none'") == true)
            let out = try await server.request("POST", "/session", form + [session], body: "_method=delete")
            #expect(out["Location"] == "/sign-in")
            #expect(try await server.get("/fleets/north", token: nil, [session]).status == 303)
            let elsewhere = try await signIn("t", next: "%2F%2Fevil.example")
            #expect(elsewhere["Location"] == "/")
        }
    }

    @Test func session_isKnownWithoutALookUp_whereItWasMade() async throws {
        try await WebServer.with(token: "t") { server in
            let made = try await server.signIn()
            let lookUps = server.store.lookUps
            let session = "Cookie: \(try cookie(made))"
            #expect(try await server.get("/api/v1/fleets/north/status", token: nil, [session]).status == 200)
            #expect(server.store.lookUps == lookUps)
        }
    }

    @Test func token_hasAtMost100Sessions_andTheOldestEnds() async throws {
        try await WebServer.with(token: "t") { server in
            var cookies: [String] = []
            for _ in 0..<102 { cookies.append("Cookie: \(try cookie(try await server.signIn()))") }
            #expect(server.store.sessionCount == 100)
            let path = "/api/v1/fleets/north/status"
            for cookie in cookies.prefix(2) {
                #expect(try await server.get(path, token: nil, [cookie]).status == 401)
            }
            #expect(try await server.get(path, token: nil, [cookies[2]]).status == 200)
        }
    }

    @Test func failedSignIns_areLimited_andAKnownTokenIsNot() async throws {
        try await WebServer.with(token: "t") { server in
            #expect(try await server.get("/api/v1/fleets/north/status", token: "t").status == 200)
            var statuses: [Int] = []
            for number in 0..<12 {
                statuses.append(try await server.signIn(token: "wrong\(number)").status)
            }
            #expect(statuses == Array(repeating: 401, count: 10) + [429, 429])
            server.steadyClock.advance(by: .seconds(1))
            #expect(try await server.signIn(token: "wrong").status == 401)
            #expect(try await server.signIn(token: "wrong").status == 429)
            #expect(try await server.signIn().status == 204)
        }
    }

    @Test(arguments: [
        ("https", "__Host-harbor_session="), ("http", "harbor_session="),
    ]) func cookieName_bindsItToTheHost_overTLS(_ scheme: String, _ start: String) async throws {
        try await WebServer.with(access: .init(isBehindProxy: true), token: "t") { server in
            let cookie = try cookie(try await server.signIn(["X-Forwarded-Proto: \(scheme)"]))
            #expect(cookie.hasPrefix(start))
            let shown = try await server.get(
                "/api/v1/fleets/north/status", token: nil, ["Cookie: a=b; \(cookie)"])
            #expect(shown.status == 200)
        }
    }

    @Test func otherScheme_doesNotHideTheCookie() async throws {
        try await WebServer.with(token: "t") { server in
            let session = "Cookie: \(try cookie(try await server.signIn()))"
            let path = "/api/v1/fleets/north/status"
            let basic = "Authorization: Basic YTpi"
            #expect(try await server.get(path, token: nil, [basic, session]).status == 200)
            #expect(
                try await server.get(path, token: nil, ["Authorization: Bearer x", session]).status == 401)
        }
    }

    /// The field of the proxy is the same for all its clients, so it must not identify the reader.
    @Test func otherScheme_doesNotIdentifyTheReader() async throws {
        try await WebServer.with(token: "t") { server in
            try server.addToken("south", fleets: ["south"])
            let session = try cookie(try await server.signIn())
            let basic = "Authorization: Basic YTpi"
            let client = try RawClient(port: server.port)
            func status(_ fields: [String], _ path: String = "/api/v1/fleets/north/status") async throws
                -> Int
            {
                let lines = ["GET \(path) HTTP/1.1", "Host: h"] + fields
                try await client.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
                return try await client.response().status
            }
            // One connection stays on one loop.
            #expect(try await status([basic, "Cookie: \(session)"]) == 200)
            #expect(try await status([basic]) == 401)
            #expect(try await status([basic], "/") == 303)
            #expect(try await status([basic, "Cookie: harbor_session=x"]) == 401)
            let query = "?token=\(WebServer.token("t"))"
            #expect(try await status([basic], "/api/v1/fleets/north/live" + query) == 426)
            #expect(try await status([basic], "/api/v1/fleets/north/live") == 401)
            let other = "?token=\(WebServer.token("south"))"
            #expect(try await status([basic], "/api/v1/fleets/north/live" + other) == 404)
        }
    }

    /// The proxy may send its own scheme before or after the credential.
    @Test(arguments: [
        "Basic YTpi", "Negotiate YII=", "Digest username=\"a\", realm=\"b\"", "Basic", "bearerx y", "",
        ",",
    ])
    func otherScheme_hidesNoCredential(_ value: String) async throws {
        try await WebServer.with(token: "t") { server in
            let session = "Cookie: \(try cookie(try await server.signIn()))"
            let (field, bearer) = ("Authorization: \(value)", "Authorization: Bearer \(WebServer.token("t"))")
            for path in [
                "/", "/fleets/north", "/api/v1/fleets", "/api/v1/fleets/north/status",
            ] {
                for fields in [[field, session], [field, bearer], [bearer, field]] {
                    #expect(try await server.get(path, fields).status == 200, "\(path) \(fields)")
                }
            }
            let live = "/api/v1/fleets/north/live"
            let own = "Origin: http://127.0.0.1:\(server.port)"
            #expect(try await server.get(live, [field, session, own]).status == 426)
            #expect(try await server.get(live + "?token=\(WebServer.token("t"))", [field]).status == 426)
            let ended = try await server.request("DELETE", "/session", [field, session])
            #expect(ended.status == 204)
            #expect(try await server.get("/api/v1/fleets", [field, session]).status == 401)
        }
    }

    @Test func forgedSession_isNotDeleted_andTakesNoPlace() async throws {
        try await WebServer.with(token: "t") { (server: WebServer) async throws in
            for _ in 0..<4 { #expect(server.sessionWrites.admit(.token("t"))) }
            #expect(try await server.signIn().status == 503, "the token has its share")
            for _ in 0..<4 { server.sessionWrites.release(.token("t")) }
            let madeUp = "Cookie: harbor_session=" + String(repeating: "x", count: 43)
            for _ in 0..<8 {
                #expect(try await server.request("DELETE", "/session", [madeUp]).status == 204)
            }
            #expect(server.store.deletions == 0)
            #expect(try await server.signIn().status == 204)
        }
    }
}

extension WebServer {
    /// Trades a token for a session like the script of the web app.
    func signIn(_ fields: [String] = [], token: String = "t") async throws -> RawResponse {
        try await request(
            "POST", "/session", ["Content-Type: application/json"] + fields,
            body: "{\"token\":\"\(Self.token(token))\"}")
    }
}
