import Foundation
import HarborFleetTesting

/// HTTP requests that this server refuses.
extension BadRequest {
    static let requests: [BadRequest] = methods + types + paths + readers + sizes + sessions

    private static let status = "/api/v1/fleets/harbor-north/status"
    private static let fixes = "/api/v1/fleets/harbor-north/fixes"

    private static let methods: [BadRequest] = [
        BadRequest(get: fixes, .methodNotAllowed(allow: "OPTIONS, POST")),
        BadRequest(get: fixes, .methodNotAllowed(allow: "OPTIONS, POST"), method: "PUT"),
        BadRequest(get: fixes, .methodNotAllowed(allow: "OPTIONS, POST"), method: "DELETE"),
        BadRequest(get: status, .methodNotAllowed(allow: "GET, HEAD, OPTIONS"), method: "POST"),
        BadRequest(get: status, .methodNotAllowed(allow: "GET, HEAD, OPTIONS"), method: "PATCH"),
        BadRequest(get: status, .methodNotAllowed(allow: "GET, HEAD, OPTIONS"), method: "TRACE"),
        BadRequest(get: status, .init(status: 501, kind: "not-implemented"), method: "get"),
        BadRequest(get: "/health", .init(status: 501, kind: "not-implemented"), method: "BREW"),
        BadRequest("a body of no length", .init(status: 411, kind: "length-required")) { _ in
            RequestText("POST", fixes, ["Content-Type: application/json"]).bytes
        },
        BadRequest("an unknown expectation", .init(status: 417, kind: "expectation-failed")) { _ in
            RequestText("GET", "/health", ["Expect: tea"]).bytes
        },
        BadRequest(get: "/session", .methodNotAllowed(allow: "DELETE, OPTIONS, POST")),
    ]

    private static let types: [BadRequest] = [
        typed("text/plain", .init(status: 415, kind: "unsupported-media-type", fields: accept)),
        typed("application/jsonp", .init(status: 415, kind: "unsupported-media-type", fields: accept)),
        typed("", .init(status: 415, kind: "unsupported-media-type", fields: accept)),
        typed(nil, .init(status: 415, kind: "unsupported-media-type", fields: accept)),
        typed("application/json\r\nContent-Encoding: br", coding),
        typed("application/json\r\nContent-Encoding: gzip, gzip", coding),
        typed("application/json\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip", coding),
        typed("application/json\r\nContent-Encoding: ", coding),
        typed("application/json\r\nContent-Encoding: gzip", .init(status: 400, kind: "malformed-gzip")),
    ]

    private static let coding = Response(
        status: 415, kind: "unsupported-encoding", fields: ["accept-encoding": "gzip, identity"])

    private static let accept = ["accept": "application/json"]

    private static let paths: [BadRequest] = [
        BadRequest(get: "/api/v1/nothing", .notFound),
        BadRequest(get: "/api/v2/fleets", .notFound),
        BadRequest(get: "/api/v1/fleets/harbor-north/status/more", .notFound),
        BadRequest(get: "//api/v1/fleets", .notFound),
        BadRequest(get: "/api/v1/fleets/%zz/status", .badRequest),
        BadRequest(get: "/api/v1/fleets/harbor%2/status", .badRequest),
        BadRequest(get: "/api/v1/fleets/%", .badRequest),
        BadRequest(get: "/api/v1/fleets/../fleets", .badRequest),
        BadRequest(get: "/api/v1/fleets/%2e%2E/fleets", .badRequest),
        BadRequest(get: "/assets/..%2f..%2fetc%2fpasswd", .notFound),
    ]

    private static let readers: [BadRequest] = [
        BadRequest("no token", .unauthorized) { _ in RequestText("GET", status, []).bytes },
        authorized("Bearer wrong-token"), authorized("Bearer"), authorized("Bearer "),
        authorized("Basic dXNlcjpwYXNz"), authorized("Bearer " + String(repeating: "t", count: 300)),
        authorized("Bearer a b"), authorized("Bearer \u{FC}"),
        BadRequest("a session that is none", .unauthorized) { _ in
            RequestText("GET", status, ["Cookie: harbor_session=nobody"]).bytes
        },
        BadRequest("a token in the query of a plain read", .unauthorized) { server in
            RequestText("GET", status + "?token=\(server.token)", []).bytes
        },
        BadRequest("a token of another fleet", .unknownFleet) { server in
            RequestText("GET", status, ["Authorization: Bearer \(server.foreignToken)"]).bytes
        },
        BadRequest(get: "/api/v1/fleets/nowhere/status", .unknownFleet),
        BadRequest(get: "/api/v1/fleets/-nowhere/status", .unknownFleet),
        BadRequest(get: "/api/v1/fleets/%00/status", .badRequest),
        BadRequest(get: "/api/v1/fleets/nowhere/vehicles/van-7", .unknownFleet),
        BadRequest(
            get: "/api/v1/fleets/harbor-north/vehicles/van-99", .init(status: 404, kind: "unknown-vehicle")),
    ]

    private static let sizes: [BadRequest] = [
        BadRequest("a long request line", .uriTooLong) { _ in
            RequestText("GET", "/" + String(repeating: "a", count: 8_192), []).bytes
        },
        BadRequest("a long header field", .fieldsTooLarge) { _ in
            RequestText("GET", status, ["X-Long: " + String(repeating: "a", count: 32_768)]).bytes
        },
        BadRequest("many long header fields", .fieldsTooLarge) { _ in
            RequestText("GET", status, (0..<40).map { "X-\($0): " + String(repeating: "a", count: 1_000) })
                .bytes
        },
        BadRequest("too many header fields", .fieldsTooLarge) { _ in
            RequestText("GET", status, (0..<100).map { "X-\($0): a" }).bytes
        },
        BadRequest("a body declared too long", .contentTooLarge) { _ in
            RequestText("POST", fixes, ["Content-Type: application/json", "Content-Length: 1048577"]).bytes
        },
        BadRequest("a body declared too long, before 100 Continue", .contentTooLarge) { _ in
            let fields = [
                "Content-Type: application/json", "Content-Length: 1048577", "Expect: 100-continue",
            ]
            return RequestText("POST", fixes, fields).bytes
        },
        BadRequest("a chunked body too long", .contentTooLarge) { _ in
            let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 0x20, count: 65_536) + [0x0D, 0x0A]
            // Without a signature the response to the head alone would be 401.
            let signed = WebhookSigning(secret: "whsec_").fields(for: [])
            let fields = ["Content-Type: application/json", "Transfer-Encoding: chunked"] + signed
            let body = (0..<16).flatMap { _ in chunk } + Array("1\r\n \r\n0\r\n\r\n".utf8)
            return RequestText("POST", fixes, fields, body: body).bytes
        },
    ]

    private static let sessions: [BadRequest] = [
        session("{", .init(status: 400, kind: "malformed-body")),
        session(#"{"token":1}"#, .init(status: 400, kind: "malformed-body")),
        session(#"{"token":"wrong-token"}"#, .unauthorized),
        session(#"{"token":""}"#, .unauthorized),
        session(String(repeating: " ", count: 4_097), .contentTooLarge),
        BadRequest("a session for a foreign page", .init(status: 403, kind: "foreign-origin")) { _ in
            let fields = ["Content-Type: application/json", "Origin: https://evil.example"]
            return RequestText(
                "POST", "/session", fields + ["Content-Length: 2"], body: Array("{}".utf8)
            ).bytes
        },
    ]

    private static func authorized(_ value: String) -> BadRequest {
        BadRequest("Authorization: \(value.prefix(40))", .unauthorized) { _ in
            RequestText("GET", status, ["Authorization: \(value)"]).bytes
        }
    }

    private static func typed(_ type: String?, _ response: Response) -> BadRequest {
        BadRequest("Content-Type: \(type ?? "missing")", response) { server in
            let body = Array(GoodFix().body.utf8)
            let fields = WebhookSigning(secret: server.secret).fields(for: body)
            let own = (type.map { ["Content-Type: \($0)"] } ?? []) + ["Content-Length: \(body.count)"]
            return RequestText("POST", fixes, own + fields, body: body).bytes
        }
    }

    private static func session(_ body: String, _ response: Response) -> BadRequest {
        BadRequest("POST /session \(body.prefix(30))", response) { _ in
            let fields = ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
            return RequestText("POST", "/session", fields, body: Array(body.utf8)).bytes
        }
    }
}
