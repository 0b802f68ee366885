import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleet
@testable import HarborFleetAPI

/// The rules for pages of other sites, through the whole site.
@Suite(.timeLimit(.minutes(1))) struct OriginTests {
    private static let reads = [
        "/api/v1/fleets", "/api/v1/fleets/north/status", "/api/v1/fleets/north/vehicles/van-7",
        "/api/v1/fleets/north/vehicles/van-7/track", "/", "/fleets/north",
    ]
    private static let live = "/api/v1/fleets/north/live"

    /// The status of an upgrade; 101 when the server accepts it.
    private func upgrade(_ server: WebServer, _ fields: [String], query: String = "") async throws -> Int {
        do {
            return try await TestWebSocketClient(
                port: server.port, path: Self.live + query, fields: fields
            ).handshake.status
        } catch let refused as TestWebSocketClient.Refused {
            return refused.response.status
        }
    }

    /// A page of this server and a client that is not a page may read.
    @Test func publicRead_refusesPagesOfOtherSites() async throws {
        let allowed = try #require(WebOrigin("https://map.example"))
        try await WebServer.with(access: .init(publicRead: true, allowedOrigins: [allowed])) { server in
            #expect(try await server.post(["van-7"]).status == 202)
            server.tracks.put(1, of: try #require(VehicleID("van-7")))
            for path in Self.reads {
                for origin in [
                    "http://evil.example", "null", "http://127.0.0.1:1", "http://localhost, http://a",
                ] {
                    let response = try await server.get(path, ["Origin: \(origin)"])
                    #expect(response.status == 403, "\(path) \(origin)")
                    #expect(response.text.contains("foreign-origin"))
                }
                for origin in ["http://127.0.0.1:\(server.port)", "https://MAP.example:443"] {
                    let status = try await server.get(path, ["Origin: \(origin)"]).status
                    #expect(status == 200, "\(path) \(origin)")
                }
                // The server may response the same head from memory.
                #expect(try await server.get(path, ["Origin: http://evil.example"]).status == 403)
                #expect(try await server.get(path).status == 200)
            }
            #expect(try await upgrade(server, ["Origin: http://evil.example"]) == 403)
            #expect(try await upgrade(server, ["Origin: null"]) == 403)
            #expect(try await upgrade(server, ["Origin: http://localhost"]) == 101)
            #expect(try await upgrade(server, ["Origin: https://map.example"]) == 101)
            #expect(try await upgrade(server, []) == 101)
        }
    }

    /// A token that is not valid does not open it.
    @Test func token_opensTheSocket_forAnyPage() async throws {
        for publicRead in [true, false] {
            try await WebServer.with(publicRead: publicRead, token: "good") {
                (server: WebServer) async throws in
                let foreign = ["Origin: http://evil.example"]
                #expect(try await upgrade(server, foreign, query: "?token=\(WebServer.token("good"))") == 101)
                #expect(
                    try await upgrade(server, foreign + ["Authorization: Bearer \(WebServer.token("good"))"])
                        == 101)
                let refused = publicRead ? 403 : 401
                #expect(try await upgrade(server, foreign, query: "?token=made-up") == refused)
                #expect(try await upgrade(server, foreign) == refused)
                let status = "/api/v1/fleets/north/status"
                #expect(try await server.get(status, token: "good", foreign).status == 200)
            }
        }
    }

    /// The status is 421, except for paths without data.
    @Test func publicRead_refusesOtherHostNames() async throws {
        try await WebServer.with(publicRead: true) { server in
            #expect(try await server.post(["van-7"]).status == 202)
            server.tracks.put(1, of: try #require(VehicleID("van-7")))
            for path in Self.reads + ["/sign-in", "/api/v1/openapi.json"] {
                for _ in 1...2 {
                    let response = try await server.get(path, ["Host: evil.example"])
                    #expect(response.status == 421, "\(path)")
                    #expect(response.text.contains("HARBOR_TRUSTED_PROXIES"))
                }
                for host in ["localhost", "harbor-1.example:8080", "[::1]"] {
                    #expect(try await server.get(path, ["Host: \(host)"]).status == 200, "\(path) \(host)")
                }
            }
            // A page under such a name has the same origin as its requests.
            let rebound = ["Host: evil.example", "Origin: http://evil.example"]
            #expect(try await server.get(Self.live, rebound).status == 421)
            #expect(
                try await server.get("/api/v1/fleets", token: "any", ["Host: evil.example"]).status == 421)
            for path in ["/health", "/ready", "/assets/app.css"] {
                #expect(try await server.get(path, ["Host: evil.example"]).status == 200)
            }
            let old = try await RawClient(port: server.port, sending: "GET /api/v1/fleets HTTP/1.0\r\n\r\n")
            #expect(try await old.response(to: "GET", "/api/v1/fleets").status == 200)
        }
    }

    @Test func otherHostNames_areAccepted_withATokenOrBehindAProxy() async throws {
        try await WebServer.with(access: .init(publicRead: true, isBehindProxy: true)) { server in
            let response = try await server.get("/api/v1/fleets", ["Host: map.example"])
            #expect(response.status == 200)
        }
        try await WebServer.with(token: "t") { (server: WebServer) async throws in
            #expect(try await server.get("/api/v1/fleets", token: "t", ["Host: map.example"]).status == 200)
        }
    }

    /// The proxy runs on the same machine as the server.
    /// The fields are those of nginx and Caddy.
    @Test(
        arguments: [
            // Caddy: `reverse_proxy 127.0.0.1:8080`.
            (["Host: map.example", "X-Forwarded-Host: map.example", "X-Forwarded-Proto: https"], 101),
            // nginx: `proxy_set_header Host $host` or `$http_host`, and nothing else.
            (["Host: map.example"], 101),
            // nginx: the default Host, and X-Forwarded-Host.
            (["Host: 127.0.0.1:8080", "X-Forwarded-Host: map.example", "X-Forwarded-Proto: https"], 101),
            // Two proxies that extend the list, and Traefik's name of the scheme.
            (["Host: inner", "X-Forwarded-Host: map.example, inner", "X-Forwarded-Proto: wss, http"], 101),
            // Neither the default port nor case makes a difference.
            (["Host: map.example:443", "X-Forwarded-Proto: https"], 101),
            (["Host: MAP.example:443"], 101), (["Host: map.example:", "X-Forwarded-Proto: HTTPS"], 101),
            (["Host: inner", "X-Forwarded-Host: Map.Example:443", "X-Forwarded-Proto: https"], 101),
            (["Host: inner", "X-Forwarded-Host: map.example", "X-Forwarded-Host: inner"], 101),
            // nginx: `$host` without a port, and the fields that HAProxy, Traefik and ALB add.
            (["Host: map.example", "X-Forwarded-Proto: https", "X-Forwarded-Port: 443"], 101),
            // The browser does not see a port that is mapped in front of the proxy.
            (["Host: map.example", "X-Forwarded-Proto: https", "X-Forwarded-Port: 8443"], 101),
            (["Host: map.example:80", "X-Forwarded-Proto: https"], 403),
            (["Host: map.example:8443", "X-Forwarded-Proto: https"], 403),
            (["Host: inner", "X-Forwarded-Host: inner, map.example"], 403),
            (["Host: inner", "X-Forwarded-Port: 443"], 403),
            // nginx's default says nothing about the page, so HARBOR_ALLOWED_ORIGINS must name it.
            (["Host: 127.0.0.1:8080"], 403),
            // The page was loaded without TLS, so its content may have been changed on the way.
            (["Host: map.example", "X-Forwarded-Proto: http"], 403),
        ] as [([String], Int)])
    func proxiedPage_isOurs_byTheFieldsOfCommonProxies(fields: [String], status: Int) async throws {
        #expect(try await proxied(fields + ["Origin: https://map.example"]) == status)
    }

    /// The port is that of Host, or what a trusted proxy says beside a host without a port.
    @Test(
        arguments: [
            (["Host: map.example:8443"], 101), (["Host: map.example"], 403),
            (["Host: map.example", "X-Forwarded-Port: 8443"], 101),
            (["Host: inner", "X-Forwarded-Host: map.example", "X-Forwarded-Port: 8443, 80"], 101),
            (["Host: map.example", "X-Forwarded-Port: 8444"], 403),
            (["Host: map.example:8444", "X-Forwarded-Port: 8443"], 403),
            (["Host: map.example", "X-Forwarded-Port: x"], 403),
        ] as [([String], Int)])
    func forwardedPort_completesTheHost(fields: [String], status: Int) async throws {
        #expect(try await proxied(fields + ["Origin: https://map.example:8443"]) == status)
    }

    /// The status of an upgrade through a trusted proxy.
    private func proxied(_ fields: [String]) async throws -> Int {
        var status: Int?
        try await WebServer.with(access: .init(publicRead: true, isBehindProxy: true)) { server in
            status = try await server.get(Self.live, fields + TestWebSocketClient.upgrade).status
        }
        return try #require(status)
    }

    @Test func forwardedFields_areIgnored_withoutATrustedProxy() async throws {
        try await WebServer.with(
            access: .init(publicRead: true, strictTransportSeconds: 60)
        ) { server in
            let made = ["X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https"]
            let page = try await server.get("/", made + ["Origin: https://evil.example"])
            #expect(page.status == 403)
            #expect(page["Strict-Transport-Security"] == nil)
            #expect(try await server.get("/", made + ["Host: evil.example"]).status == 421)
        }
    }

    /// The rule is for what this listener shows without a token.
    @Test func operations_refuseOtherPagesAndNames() async throws {
        let origins = OriginPolicy(allowed: [], publicRead: true, checksHost: true, machineName: "harbor-1")
        try await OperationsServer.with(origins: origins) { port in
            for (path, fields, status) in [
                ("/metrics", "Host: evil.example", 421), ("/supervision", "Host: evil.example", 421),
                ("/metrics", "Host: harbor-1\r\nOrigin: http://evil.example", 403),
                ("/metrics", "Host: harbor-1", 200), ("/supervision", "Host: 127.0.0.1", 200),
                ("/health", "Host: evil.example", 200), ("/ready", "Host: evil.example", 200),
            ] {
                let client = try RawClient(port: port)
                try await client.send("GET \(path) HTTP/1.1\r\n\(fields)\r\n\r\n")
                let response = try await client.response(to: "GET", path)
                #expect(response.status == status, "\(path) \(fields)")
            }
        }
    }

    /// It is sent only where it is configured.
    @Test func strictTransport_isSentOverTLS() async throws {
        let secure = ["X-Forwarded-Proto: https"]
        try await WebServer.with(access: .init(isBehindProxy: true, strictTransportSeconds: 600)) { server in
            for path in ["/", "/sign-in", "/health", "/api/v1/fleets", "/nowhere"] {
                let (over, without) = (try await server.get(path, secure), try await server.get(path))
                #expect(over["Strict-Transport-Security"] == "max-age=600", "\(path)")
                #expect(without["Strict-Transport-Security"] == nil, "\(path)")
            }
        }
        try await WebServer.with(access: .init(isBehindProxy: true)) { server in
            let response = try await server.get("/sign-in", secure)
            #expect(response["Strict-Transport-Security"] == nil)
        }
    }

    /// The back button of a browser must not show a page of the past.
    @Test func pages_areNotStored_andFilesAre() async throws {
        try await WebServer.with(publicRead: true) { server in
            let posted = try await server.post(["van-7"])
            #expect(posted.status == 202)
            for path in ["/", "/fleets/north", "/sign-in", "/fleets/nowhere"] {
                let page = try await server.get(path, ["Accept: text/html"])
                #expect(page["Cache-Control"] == "no-store", "\(path)")
            }
            let file = try await server.get("/assets/app.css")
            #expect(file["Cache-Control"] == "public, no-cache")
        }
    }
}
