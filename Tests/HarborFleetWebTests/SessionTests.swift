import HarborFleetTesting
import Testing

@testable import HarborFleetWeb

struct SessionTests {
    private func signIn(_ server: WebServer, origin: String? = nil) async throws -> RawResponse {
        let fields = ["Content-Type: application/json"] + (origin.map { ["Origin: \($0)"] } ?? [])
        return try await server.request("POST", "/session", fields, body: "{\"token\":\"t\"}")
    }

    private func cookie(_ response: RawResponse) throws -> String {
        String(try #require(response["Set-Cookie"]).prefix { $0 != ";" })
    }

    @Test("A token is traded for a cookie that reads, until it is ended")
    func session_readsUntilItEnds() async throws {
        try await WebServer.with { server in
            try server.addToken("t")
            let made = try await signIn(server)
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

    @Test("Behind a proxy that speaks TLS the cookie is for TLS only", arguments: ["https", "http", nil])
    func cookie_isSecureBehindTLS(scheme: String?) async throws {
        try await WebServer.with(access: .init(isBehindProxy: true)) { server in
            try server.addToken("t")
            let fields =
                ["Content-Type: application/json"] + (scheme.map { ["X-Forwarded-Proto: \($0)"] } ?? [])
            let made = try await server.request("POST", "/session", fields, body: "{\"token\":\"t\"}")
            let cookie = try #require(made["Set-Cookie"])
            #expect(cookie.hasSuffix("; Secure") == (scheme == "https"))
        }
    }

    @Test("A wrong token makes no session, and a malformed body is said to be one")
    func wrongToken_makesNone() async throws {
        try await WebServer.with { server in
            let refused = try await signIn(server)
            #expect(refused.status == 401)
            let json = ["Content-Type: application/json"]
            #expect(try await server.request("POST", "/session", json, body: "{}").status == 400)
            #expect(try await server.request("POST", "/session", body: "x").status == 415)
        }
    }

    @Test("Another site's page can neither sign in nor open a socket with the cookie")
    func foreignOrigin_isRefused() async throws {
        try await WebServer.with { server in
            try server.addToken("t")
            #expect(try await signIn(server, origin: "http://evil.example").status == 403)
            let own = "http://127.0.0.1:\(server.port)"
            let session = "Cookie: \(try cookie(try await signIn(server, origin: own)))"
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

    @Test("Without script a form signs in, comes back to where it was, and signs out")
    func form_signsInAndOut() async throws {
        try await WebServer.with { server in
            try server.addToken("t")
            let page = try await server.get("/fleets/north")
            #expect(page.status == 303)
            #expect(page["Location"] == "/sign-in?next=%2Ffleets%2Fnorth")
            let form = ["Content-Type: application/x-www-form-urlencoded"]
            let wrong = try await server.request(
                "POST", "/session", form, body: "token=u&next=%2Ffleets%2Fnorth")
            #expect(wrong.status == 303)
            #expect(wrong["Location"] == "/sign-in?next=%2Ffleets%2Fnorth&problem=token")
            #expect(wrong["Set-Cookie"] == nil)
            let right = try await server.request(
                "POST", "/session", form, body: "token=t&next=%2Ffleets%2Fnorth")
            #expect(right["Location"] == "/fleets/north")
            let session = "Cookie: \(try cookie(right))"
            let shown = try await server.get("/fleets/north", token: nil, [session])
            #expect(shown.status == 200)
            #expect(shown["Content-Security-Policy"]?.contains("default-src 'none'") == true)
            let out = try await server.request("POST", "/session", form + [session], body: "_method=delete")
            #expect(out["Location"] == "/sign-in")
            #expect(try await server.get("/fleets/north", token: nil, [session]).status == 303)
            let elsewhere = try await server.request(
                "POST", "/session", form, body: "token=t&next=%2F%2Fevil.example")
            #expect(elsewhere["Location"] == "/")
        }
    }
}
