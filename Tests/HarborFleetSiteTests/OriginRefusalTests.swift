import Endpoint
import HarborFleetTesting
import HarborFleetWebTesting
import Telemetry
import Testing

@testable import HarborFleetAPI
@testable import HarborFleetSite

/// The sign-in page and the log explain a proxy that does not pass on the fields of the browser.
@Suite(.timeLimit(.minutes(1))) struct OriginRefusalTests {
    private static let page = "Origin: https://fleet.example:8443"

    /// Both the response and the log line name it.
    @Test(
        arguments: [
            // nginx with its default Host.
            (["Host: 127.0.0.1:8080"], true, "host", "Host", "Host header as the browser"),
            // nginx: `$host`.
            (["Host: fleet.example"], true, "port", "Host", "with its port"),
            (["Host: fleet.example"], false, "port", "Host", "with its port"),
            // Another proxy than the last one speaks TLS.
            (
                ["Host: fleet.example:8443", "X-Forwarded-Proto: http"], true, "scheme", "X-Forwarded-Proto",
                "X-Forwarded-Proto"
            ),
            (
                ["Host: inner", "X-Forwarded-Host: fleet.example:8443"], false, "untrusted_proxy",
                "Host", "HARBOR_TRUSTED_PROXIES"
            ),
        ] as [([String], Bool, String, String, String)])
    func refusedSignIn_namesTheHeaderThatTheProxyMustPass(
        fields: [String], isBehindProxy: Bool, cause: String, header: String, sentence: String
    ) async throws {
        let log = LogRecorder()
        try await WebServer.with(access: .init(isBehindProxy: isBehindProxy), token: "t", logger: log.logger)
        { server in
            let response = try await server.signIn(fields + [Self.page, "X-Request-Id: r-1"])
            #expect(response.status == 403)
            #expect(response.text.contains("urn:harbor-fleet:problem:foreign-origin"))
            #expect(response.text.contains(sentence))
            let helps = ["host", "port"].contains(cause)
            #expect(response.text.contains("HARBOR_ALLOWED_ORIGINS") == helps)
            #expect(response.text.contains("in the request") == helps)
            let line = try #require(log.warnings.first)
            #expect(line["cause"] == cause)
            #expect(line["proxy_must_pass"] == header)
            #expect(line["origin"] == "https://fleet.example:8443")
            #expect(line["host"] == String(fields[0].dropFirst("Host: ".count)))
            #expect(line["request_id"] == "r-1")
            #expect(line["hint"]?.isEmpty == false)
            // A client that repeats its request does not fill the log.
            _ = try await server.signIn(fields + [Self.page])
            #expect(log.warnings.count == 1)
        }
    }

    /// A refused host name and a cookie without Origin are logged.
    @Test func otherRefusals_areLogged() async throws {
        let log = LogRecorder()
        try await WebServer.with(publicRead: true, logger: log.logger) { server in
            let response = try await server.get("/", ["Host: fleet.example:8443"])
            #expect(response.status == 421)
            #expect(log.warnings.first?["proxy_must_pass"] == "Host")
            #expect(log.warnings.first?["host"] == "fleet.example:8443")
            let live = "/api/v1/fleets/north/live"
            let opaque = try await server.get(live, ["Origin: null"])
            #expect(opaque.status == 403)
            #expect(opaque.text.contains("names no web address can read only with a token."))
            #expect(!opaque.text.contains("HARBOR_"))
            #expect(log.warnings.last?["cause"] == "opaque_origin")
        }
        try await WebServer.with(token: "t", logger: log.logger) { server in
            let cookie = try #require(try await server.signIn([])["Set-Cookie"]).prefix { $0 != ";" }
            let response = try await server.get("/api/v1/fleets/north/live", ["Cookie: \(cookie)"])
            #expect(response.status == 403)
            #expect(response.text.contains("opens a live stream only together with the Origin header"))
            #expect(!response.text.contains("in the request") && !response.text.contains("HARBOR_"))
            #expect(log.warnings.last?["proxy_must_pass"] == "Origin")
        }
    }

    /// A proxy dropped the upgrade. A plain GET is not logged.
    @Test func lostUpgrade_isLogged() async throws {
        let log = LogRecorder()
        try await WebServer.with(publicRead: true, logger: log.logger) { server in
            let live = "/api/v1/fleets/north/live"
            #expect(try await server.get(live).status == 426)
            #expect(log.warnings.isEmpty)
            let response = try await server.get(
                live, ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(TestWebSocketClient.key)"])
            #expect(response.status == 426)
            #expect(response["Upgrade"] == "websocket")
            #expect(log.warnings.first?["proxy_must_pass"] == "Upgrade, Connection")
        }
    }

    /// The page states the reason and shows the form again.
    @Test func refusedForm_isAnsweredByTheSignInPage() async throws {
        try await WebServer.with { server in
            let fields = [
                "Content-Type: application/x-www-form-urlencoded", "Accept: text/html,*/*;q=0.8",
                "Host: fleet.example", Self.page, "X-Request-Id: r-2",
            ]
            let page = try await server.request(
                "POST", "/session", fields, body: "token=x&next=%2Ffleets%2Fnorth")
            #expect(page.status == 403)
            #expect(page.text.contains("<form method=\"post\" action=\"/session\""))
            #expect(page.text.contains("name=\"next\" value=\"/fleets/north\""))
            #expect(page.text.contains("with its port"))
            #expect(page.text.contains("(Request r-2)"))
            #expect(page["Content-Security-Policy"] != nil)
            // A refused sign-out must not show the sign-in form, because that would look like success.
            let out = try await server.request("POST", "/session", fields, body: "_method=delete")
            #expect(out.status == 403)
            #expect(!out.text.contains("<form"))
        }
    }

    @Test func eachCause_isCounted() async throws {
        let registry = PrometheusRegistry()
        let refusals = OriginRefusals(logger: LogRecorder().logger, factory: registry)
        try await WebServer.with { server in
            var router = Router()
            router.get("/") { request in
                refusals.note(OriginRefusal(foreign: request), requestID: "r")
                return .now(Response(.ok))
            }
            try await server.serving(router) { port in
                for _ in 0..<3 {
                    let response = try await RawClient.get("/", port: port, "Origin: http://b\r\n")
                    #expect(response.status == 200)
                }
            }
        }
        let text = String(decoding: registry.exposition(.prometheus), as: UTF8.self)
        #expect(text.contains("harbor_origin_refused_total{cause=\"host\"} 3"))
        #expect(text.contains("harbor_origin_refused_total{cause=\"scheme\"} 0"))
    }
}

extension LogRecorder {
    fileprivate var warnings: [Line] { lines.filter { $0.level >= .warning } }
}
