import Compression
import Endpoint
import EventLoops
import HarborFleetTesting
import HarborFleetWebTesting
import Logging
import Supervision
import Telemetry
import Testing

@testable import HarborFleetAPI

@Suite(.timeLimit(.minutes(1))) struct GzipTests {
    private static let script = "/assets/map.js"

    private func inflated(_ body: [UInt8]) throws -> [UInt8] {
        var inflater = try Inflater(format: .gzip)
        var plain: [UInt8] = []
        let progress = try inflater.inflate(body.span, limit: 10_000_000, into: &plain)
        #expect(progress.isAtEnd && progress.consumed == body.count)
        return plain
    }

    /// The content is that of the plain file.
    @Test func asset_isCompressedWithItsOwnTag_whenTheClientAcceptsGzip() async throws {
        try await WebServer.with { server in
            for path in [Self.script, "/api/v1/openapi.json", "/assets/leaflet/leaflet.js"] {
                let plain = try await server.get(path)
                #expect(plain["Content-Encoding"] == nil)
                #expect(plain["Vary"] == "Accept-Encoding")
                let coded = try await server.get(path, ["Accept-Encoding: br, gzip;q=0.8"])
                #expect(coded.status == 200)
                #expect(coded["Content-Encoding"] == "gzip")
                #expect(coded["Content-Type"] == plain["Content-Type"])
                #expect(coded["Vary"] == "Accept-Encoding")
                #expect(coded["X-Content-Type-Options"] == plain["X-Content-Type-Options"])
                #expect(coded.body.count < plain.body.count / 2)
                #expect(try inflated(coded.body) == plain.body)
                let tag = try #require(plain["ETag"])
                #expect(coded["ETag"] == String(tag.dropLast()) + "-gzip\"")
            }
        }
    }

    /// A 304 comes for either encoding that the client holds.
    @Test func status_isCompressedWithItsOwnTag_whenTheClientAcceptsGzip() async throws {
        try await WebServer.with(token: "reader") { server in
            let path = "/api/v1/fleets/north/status"
            #expect(try await server.post((0..<20).map { "van-\($0)" }).status == 202)
            let plain = try await server.get(path, token: "reader")
            #expect(plain["Content-Encoding"] == nil)
            let tag = try #require(plain["ETag"])
            let gzipTag = String(tag.dropLast()) + "-gzip\""
            for _ in 0..<2 {
                let coded = try await server.get(path, token: "reader", ["Accept-Encoding: gzip"])
                #expect(coded.status == 200 && coded["Content-Encoding"] == "gzip")
                #expect(coded["ETag"] == gzipTag && coded["Vary"] == plain["Vary"])
                #expect(try inflated(coded.body) == plain.body)
            }
            let held = try await server.get(
                path, token: "reader", ["Accept-Encoding: gzip", "If-None-Match: \(gzipTag)"])
            #expect(held.status == 304 && held["ETag"] == gzipTag && held.body.isEmpty)
            let other = try await server.get(path, token: "reader", ["If-None-Match: \(gzipTag)"])
            #expect(other.status == 200 && other["Content-Encoding"] == nil)
        }
    }

    @Test func shortStatus_isNotCompressed() async throws {
        try await WebServer.with(token: "reader") { server in
            #expect(try await server.post(["van-1"]).status == 202)
            let response = try await server.get(
                "/api/v1/fleets/north/status", token: "reader", ["Accept-Encoding: gzip"])
            #expect(response.status == 200 && response["Content-Encoding"] == nil)
        }
    }

    /// The rules are those of section 12.5.3.
    @Test(
        arguments: [
            ([], false), ([""], false), (["gzip"], true), (["x-gzip"], true), (["GZip"], true),
            (["gzip;q=0"], false), (["*;q=0"], false), (["*"], true), (["gzip;q=0, *"], false),
            (["identity;q=0"], false), (["identity;q=0, *;q=0"], false), (["identity;q=0, *;q=0.1"], true),
            (["identity;q=1, gzip;q=0.9"], false), (["identity;q=0.5, gzip;q=0.5"], true),
            (["deflate", "br, gzip;q=0.001"], true), (["gzip;q=1.1"], false), (["gzip;q=0.0001"], false),
        ] as [([String], Bool)])
    func acceptEncoding_decidesByRFC9110(values: [String], compressed: Bool) async throws {
        try await WebServer.with { server in
            let response = try await server.get(Self.script, values.map { "Accept-Encoding: \($0)" })
            #expect(response.status == 200)
            #expect((response["Content-Encoding"] == "gzip") == compressed)
        }
    }

    /// A 304 names a gzip tag only to a client that accepts gzip.
    @Test func notModified_namesTheTagThatTheClientHolds() async throws {
        try await WebServer.with { server in
            let plain = try #require(try await server.get(Self.script)["ETag"])
            let gzip = try #require(try await server.get(Self.script, ["Accept-Encoding: gzip"])["ETag"])
            let takes = "Accept-Encoding: gzip"
            let cases: [([String], Int, String)] = [
                ([takes, "If-None-Match: \(gzip)"], 304, gzip),
                ([takes, "If-None-Match: W/\(gzip)"], 304, gzip),
                ([takes, "If-None-Match: \(plain)"], 304, plain),
                ([takes, "If-None-Match: \(plain), \(gzip)"], 304, gzip),
                ([takes, "If-None-Match: *"], 304, gzip),
                (["If-None-Match: *"], 304, plain),
                (["If-None-Match: \(plain)"], 304, plain),
                (["If-None-Match: \(gzip)"], 200, plain),
                (["Accept-Encoding: gzip;q=0", "If-None-Match: \(gzip), \(plain)"], 304, plain),
                ([takes, "If-None-Match: \"other\""], 200, gzip),
                (["If-Match: \(plain)"], 200, plain),
                ([takes, "If-Match: \"other\", \(plain)"], 200, gzip),
                (["If-Match: *", "If-None-Match: \(plain)"], 304, plain),
            ]
            for (fields, status, tag) in cases {
                let response = try await server.get(Self.script, fields)
                #expect(response.status == status, "\(fields)")
                #expect(response["ETag"] == tag, "\(fields)")
                #expect(response["Vary"] == "Accept-Encoding", "\(fields)")
                if status == 304 { #expect(response["Content-Encoding"] == nil && response.body.isEmpty) }
            }
        }
    }

    /// The status is 412.
    @Test(arguments: ["\"other\"", "W/TAG", "TAG, broken", ""])
    func preconditionFails_whenIfMatchNamesNoCurrentTag(_ condition: String) async throws {
        try await WebServer.with { server in
            let tag = try #require(try await server.get(Self.script)["ETag"])
            let field = "If-Match: " + condition.replacing("TAG", with: tag)
            let response = try await server.get(Self.script, [field, "If-None-Match: \(tag)"])
            #expect(response.status == 412)
            #expect(response["Content-Type"] == "application/problem+json")
        }
    }

    @Test func head_hasTheFieldsOfGet_inTheSameEncoding() async throws {
        try await WebServer.with { server in
            let get = try await server.get(Self.script, ["Accept-Encoding: gzip"])
            let head = try await server.request("HEAD", Self.script, ["Accept-Encoding: gzip"])
            for name in ["Content-Length", "Content-Encoding", "Content-Type", "ETag", "Vary"] {
                #expect(head[name] == get[name] && head[name] != nil, "\(name)")
            }
        }
    }

    /// Images and small files have one form.
    @Test func incompressibleFile_isNotCompressed() async throws {
        try await WebServer.with { server in
            for path in ["/assets/leaflet/images/marker-icon-2x.png", "/assets/backoff.js"] {
                let response = try await server.get(path, ["Accept-Encoding: gzip"])
                #expect(response.status == 200)
                #expect(response["Content-Encoding"] == nil)
                #expect(response["Vary"] == nil)
            }
        }
    }

    @Test func shortList_isNotCompressed() async throws {
        try await WebServer.with(token: "t") { server in
            let response = try await server.get("/api/v1/fleets", token: "t", ["Accept-Encoding: gzip"])
            #expect(response.status == 200 && response["Content-Encoding"] == nil)
            #expect(response["Vary"] == "Accept-Encoding, Authorization")
        }
    }

    /// The loop that responds compresses it.
    @Test func longList_isCompressed() async throws {
        let names = (1...40).map { "fleet-with-a-name-\($0)" }
        try await WebServer.with(fleets: names, token: "t") { server in
            // On a loaded machine a tracker may be late, and then its fleet has no counts in the list. This is a poll,
            // because the list does not wait for the trackers that it starts.
            try await waitUntil {
                try await server.get("/api/v1/fleets", token: "t").text.components(separatedBy: "counts")
                    .count == 41
            }
            let plain = try await server.get("/api/v1/fleets", token: "t")
            let coded = try await server.get("/api/v1/fleets", token: "t", ["Accept-Encoding: gzip"])
            #expect(plain["Content-Encoding"] == nil)
            #expect(coded["Content-Encoding"] == "gzip")
            #expect(coded["Vary"] == "Accept-Encoding, Authorization")
            #expect(try inflated(coded.body) == plain.body)
        }
    }

    @Test func metrics_areCompressed_onAReusedStream() async throws {
        try await OperationsServer.with { port in
            for _ in 1...3 {
                let client = try RawClient(port: port)
                let request = "GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n"
                for _ in 1...2 {
                    try await client.send(request)
                    let response = try await client.response()
                    #expect(response["Content-Encoding"] == "gzip")
                    #expect(response["Vary"] == "Accept, Accept-Encoding")
                    let text = String(decoding: try inflated(response.body), as: UTF8.self)
                    #expect(text.contains("test_samples_total{number=\"99\"} 99.0\n"))
                }
            }
            let client = try await RawClient(port: port, sending: "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try await client.response()
            #expect(response["Content-Encoding"] == nil)
            #expect(response.text.contains("test_samples_total{number=\"99\"} 99.0\n"))
        }
    }
}
