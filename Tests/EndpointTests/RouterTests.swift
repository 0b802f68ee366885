import HTTPTypes
import Testing

@testable import Endpoint

@Suite struct RouterTests {
    private func router() -> Router {
        var router = Router()
        let handler: Handler = { _ in .now(Response(.ok)) }
        router.get("/", handler)
        router.get("/api/v1/fleets", handler)
        router.get("/api/v1/fleets/:fleet_id/status", handler)
        router.post("/api/v1/fleets/:fleet_id/fixes", handler)
        router.get("/api/v1/fleets/:fleet_id/vehicles/:vehicle_id", handler)
        router.get("/a/new/x", handler)
        router.get("/a/:id/y", handler)
        router.get("/assets/*path", handler)
        router.delete("/session", handler)
        router.post("/session", handler)
        return router
    }

    private func label(_ path: String, _ method: HTTPRequest.Method = .get) -> String {
        switch router().match(method, path: path.utf8.span) {
        case .route(let route): route.label
        case .options(let table): "options \(table.allowed)"
        case .refused(let error, _):
            ["\(error.status.code)", error.fields[.allow]].compactMap(\.self).joined(separator: " ")
        }
    }

    @Test(arguments: [
        ("/", "/"), ("/api/v1/fleets", "/api/v1/fleets"),
        ("/api/v1/fleets/north/status", "/api/v1/fleets/{fleet_id}/status"),
        ("/api/v1/fleets/n%6Frth/st%61tus", "/api/v1/fleets/{fleet_id}/status"),
        ("/api/v1/fleets/a%2Fb/status", "/api/v1/fleets/{fleet_id}/status"),
        ("/api/v1/fleets/n/vehicles/v", "/api/v1/fleets/{fleet_id}/vehicles/{vehicle_id}"),
        ("/a/new/y", "/a/{id}/y"), ("/a/new/x", "/a/new/x"), ("/assets/a/b.css", "/assets/{path}"),
    ])
    func path_findsItsRoute(_ path: String, _ expected: String) {
        #expect(label(path) == expected)
    }

    @Test(arguments: [
        "/api", "/api/v1/fleets/", "/api/v1/fleets//status", "/assets", "/assets/", "*", "", "//", "/a/new",
        "/API/v1/fleets", "/a/new/x/",
    ])
    func path_isNotFound_withoutARoute(_ path: String) {
        #expect(label(path) == "404")
    }

    @Test(arguments: ["/api/v1/fleets/%/status", "/api/v1/fleets/%4/status", "/%zz", "/assets/a/%FF"])
    func path_isRefused_whenItsEncodingIsBroken(_ path: String) {
        #expect(label(path) == "400")
    }

    @Test(arguments: [
        "/.", "/..", "/assets/..", "/assets/a/../b.css", "/assets/./b.css", "/assets/%2e%2E/b.css",
        "/api/v1/fleets/../fleets", "/api/v1/fleets/%2e/status", "/a/.%2e/y",
        "/\\", "/assets/..\\b.css", "/assets/a\\b.css",
    ])
    func path_isRefused_withADotSegmentOrABackslash(_ path: String) {
        #expect(label(path) == "400")
    }

    @Test(arguments: [("/assets/.a", "/assets/{path}"), ("/assets/...", "/assets/{path}"), ("/.a", "404")])
    func dot_isALetter_inALongerSegment(_ path: String, _ expected: String) {
        #expect(label(path) == expected)
    }

    @Test func method_isRefusedWithAllow_whenThePathHasOthers() {
        #expect(label("/session") == "405 DELETE, OPTIONS, POST")
        #expect(label("/api/v1/fleets", .post) == "405 GET, HEAD, OPTIONS")
        #expect(label("/session", .options) == "options DELETE, OPTIONS, POST")
    }

    @Test func method_isNotImplemented_whenItIsUnknown() throws {
        for path in ["/session", "/nothing"] {
            #expect(label(path, try #require(HTTPRequest.Method("BREW"))).hasPrefix("501"))
            #expect(label(path, try #require(HTTPRequest.Method("get"))).hasPrefix("501"))
            #expect(label(path, .connect).hasPrefix("501"))
        }
        #expect(label("", .connect) == "501")
        #expect(label("/nothing", .trace) == "404")
        #expect(label("/session", .trace) == "405 DELETE, OPTIONS, POST")
        #expect(label("/session", .patch) == "405 DELETE, OPTIONS, POST")
    }

    @Test func method_isKnown_onceARouteHasIt() throws {
        let brew = try #require(HTTPRequest.Method("BREW"))
        var router = router()
        router.add(brew, "/pot") { _ in .now(Response(.ok)) }
        guard case .refused(let error, _) = router.match(brew, path: "/session".utf8.span) else {
            Issue.record("not refused")
            return
        }
        #expect(error.status == .methodNotAllowed)
    }

    @Test func optionsOfTheServer_listAllMethods() {
        #expect(label("*", .options) == "options DELETE, GET, HEAD, OPTIONS, POST")
        #expect(label("/nothing", .options) == "404")
    }

    @Test func head_findsTheRouteOfGet() {
        #expect(label("/api/v1/fleets", .head) == "/api/v1/fleets")
        #expect(label("/session", .head) == "405 DELETE, OPTIONS, POST")
    }

    private func parameter(_ name: String, of path: String, by pattern: String) -> String? {
        PathParameters(path: Array(path.utf8)[...], captures: RoutePattern(pattern).captures)[name]
    }

    @Test func parameters_areDecodedByName() {
        let pattern = "/f/:fleet/v/:vehicle"
        #expect(parameter("fleet", of: "/f/a%20b/v/c%2Fd", by: pattern) == "a b")
        #expect(parameter("vehicle", of: "/f/a%20b/v/c%2Fd", by: pattern) == "c/d")
        #expect(parameter("other", of: "/f/a%20b/v/c%2Fd", by: pattern) == nil)
        #expect(parameter("vehicle", of: "/f/a/v/", by: pattern) == "")
        #expect(parameter("vehicle", of: "/f/a/v", by: pattern) == nil)
        #expect(parameter("fleet", of: "", by: pattern) == nil)
        #expect(parameter("fleet", of: "/f/%FF/v/x", by: pattern) == nil)
    }

    @Test func catchAll_isTheRestOfThePath_unlessASlashIsEncoded() {
        #expect(parameter("path", of: "/assets/a/b.css", by: "/assets/*path") == "a/b.css")
        #expect(parameter("path", of: "/assets/a%20b/c", by: "/assets/*path") == "a b/c")
        #expect(parameter("path", of: "/assets/a%2Fb.css", by: "/assets/*path") == nil)
    }

    @Test func parameters_areReadInsideALongerHead() {
        let head = Array("GET /f/north HTTP/1.1".utf8)
        let parameters = PathParameters(path: head[4..<12], captures: RoutePattern("/f/:fleet").captures)
        #expect(parameters["fleet"] == "north")
    }

    @Test func contentType_isComparedWithoutCaseAndParameters() {
        let route = Route(
            0, method: .post, pattern: RoutePattern("/"),
            options: RouteOptions(contentTypes: ["application/json"])
        ) { _ in .now(Response(.ok)) }
        #expect(route.accepts(contentType: "application/json"))
        #expect(route.accepts(contentType: "Application/JSON ; charset=utf-8"))
        #expect(!route.accepts(contentType: "text/plain"))
        #expect(!route.accepts(contentType: nil))
        #expect(!route.accepts(contentType: ""))
    }
}
