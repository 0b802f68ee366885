import Foundation
import HTTP1
import HarborFleet
import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleetAPI

/// A call refuses a parameter that it does not know, because it could not do what the parameter asks for.
@Suite(.timeLimit(.minutes(1))) struct KnownParametersTests {
    private static let live = "/api/v1/fleets/north/live"

    private struct Refusal: Decodable {
        struct Place: Decodable, Equatable {
            let pointer: String
            let detail: String
        }
        let type: String
        let detail: String
        let errors: [Place]
    }

    private func refusal(_ response: RawResponse) throws -> Refusal {
        #expect(response.status == 400)
        #expect(response["Content-Type"] == "application/problem+json")
        let refusal = try JSONDecoder().decode(Refusal.self, from: Data(response.body))
        #expect(refusal.type == "urn:harbor-fleet:problem:invalid-parameters")
        return refusal
    }

    /// Sends an upgrade that the server refuses.
    private func live(_ query: String, on server: WebServer) async throws -> RawResponse {
        try await server.get("\(Self.live)?\(query)", TestWebSocketClient.upgrade)
    }

    private static let planned = "is not supported by this version yet"
    private static let unknown = "is unknown: this call accepts since and token"
    private static let malformed = "must be EPOCH:SEQ, as a stream or a status gave it"

    @Test(
        arguments: [
            ("vehicles=van-1,van-2", ["/vehicles"], planned), ("interval_ms=1000", ["/interval_ms"], planned),
            ("bbox=9,53,10,54", ["/bbox"], planned), ("vehicles", ["/vehicles"], planned),
            ("vehicle=van-1", ["/vehicle"], unknown), ("Since=a:1", ["/Since"], unknown),
            ("=1", ["/"], unknown),
            ("a%2Fb~=1&a/b~=2", ["/a~1b~0"], unknown), ("sinc%C3%A9=1", ["/sinc\u{E9}"], unknown),
            ("since=", ["/since"], malformed), ("since=7", ["/since"], malformed),
            ("since=abc:", ["/since"], malformed), ("since=:7", ["/since"], malformed),
            ("since=abc:-7", ["/since"], malformed), ("since=abc:7.5", ["/since"], malformed),
            ("since=a:b:7", ["/since"], malformed), ("since=abc:99999999999999999999", ["/since"], malformed),
            ("since=a%20b:7", ["/since"], malformed), ("since=%22abc:7%22", ["/since"], malformed),
            ("since=\(String(repeating: "e", count: 65)):7", ["/since"], malformed),
            ("since=a:1&since=a:2", ["/since"], "must not be given twice"),
        ] as [(String, [String], String)])
    func live_namesTheParameterThatItRefuses(query: String, pointers: [String], detail: String) async throws {
        try await WebServer.with(publicRead: true) { server in
            let refusal = try refusal(try await live(query, on: server))
            #expect(refusal.errors.map(\.pointer) == pointers)
            #expect(refusal.errors.first?.detail == detail)
            #expect(refusal.detail.contains(detail))
        }
    }

    @Test func live_namesAllRefusedParameters() async throws {
        try await WebServer.with(publicRead: true) { server in
            let refusal = try refusal(try await live("bbox=1&since=x&from=2&bbox=3", on: server))
            #expect(refusal.errors.map(\.pointer) == ["/bbox", "/from", "/since"])
            let many = (0..<300).map { "p\($0)" }.joined(separator: "&")
            let bounded = try self.refusal(try await live(many, on: server))
            #expect(bounded.errors.count == Problem.maximumErrors)
        }
    }

    @Test(arguments: [
        "", "since=abc:7", "since=\(String(repeating: "E", count: 64)):0", "&", "since=a_-Z9:7&",
    ])
    func live_acceptsItsParameters(query: String) async throws {
        try await WebServer.with(publicRead: true) { server in
            let path = "\(Self.live)?\(query)"
            let client = try await TestWebSocketClient(port: server.port, path: path)
            #expect(try await client.text()?.contains("\"recovered\":false") == true)
        }
    }

    /// A request without the right to read learns nothing about its parameters.
    @Test func credentialAndFleet_areCheckedBeforeParameters() async throws {
        try await WebServer.with { server in
            try server.addToken("t", fleets: ["north"])
            #expect(try await live("vehicles=a", on: server).status == 401)
            let token = "token=\(WebServer.token("t"))"
            #expect(try await live("vehicles=a&\(token)", on: server).status == 400)
            let taken = try await TestWebSocketClient(port: server.port, path: "\(Self.live)?\(token)")
            #expect(taken.handshake.status == 101)
            let other = "/api/v1/fleets/south"
            #expect(try await server.get("\(other)/live?vehicles=a", token: "t").status == 404)
            #expect(try await server.get("\(other)/status?vehicles=a", token: "t").status == 404)
        }
    }

    @Test(arguments: ["", "/north/status", "/north/vehicles/van-1"])
    func reads_refuseEveryParameter_whenTheyHaveNone(path: String) async throws {
        try await WebServer.with(publicRead: true) { server in
            #expect(try await server.post(["van-1"]).status == 202)
            let path = "/api/v1/fleets\(path)"
            #expect(try await server.get(path).status == 200)
            #expect(try await server.get(path + "?").status == 200)
            let refusal = try refusal(try await server.get(path + "?vehicles=van-1&vehicles=van-2"))
            #expect(
                refusal.errors == [
                    .init(pointer: "/vehicles", detail: "is unknown: this call accepts no parameters")
                ])
            #expect(refusal.detail.hasPrefix("A parameter of the query is not valid: vehicles is unknown"))
            // A repeated request must not be accepted from memory.
            #expect(try await server.get(path + "?vehicles=van-1").status == 400)
        }
    }

    /// Their responses do not depend on parameters, and links may carry those of other sites.
    @Test(arguments: ["/", "/fleets/north", "/sign-in", "/health", "/ready", "/api/v1/openapi.json"])
    func pagesAndProbes_acceptAnyParameter(path: String) async throws {
        try await WebServer.with(publicRead: true) { (server: WebServer) async throws in
            #expect(try await server.get(path + "?utm_source=m\u{FC}ller&x").status == 200)
        }
    }

    @Test func plainUTF8_isRead_inAParameter() async throws {
        try await WebServer.with(publicRead: true) { server in
            #expect(try await server.post(["van-1"]).status == 202)
            let track = "/api/v1/fleets/north/vehicles/van-1/track"
            let refusal = try refusal(try await server.get("\(track)?K\u{F6}ln=1&format=gpx"))
            #expect(refusal.errors.map(\.pointer) == ["/K\u{F6}ln", "/format"])
            #expect(refusal.errors.last?.detail == Self.planned)
        }
    }
}
