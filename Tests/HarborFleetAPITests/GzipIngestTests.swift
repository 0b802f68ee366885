import Compression
import Foundation
import HarborFleet
import HarborFleetTesting
import HarborFleetWebTesting
import Synchronization
import Testing

@testable import HarborFleetAPI

/// POSTs of fixes whose bodies are compressed.
@Suite(.timeLimit(.minutes(1))) struct GzipIngestTests {
    private func gzip(_ body: [UInt8]) throws -> [UInt8] {
        var encoder = try GzipEncoder()
        return try encoder.encode(body.span)
    }

    private func kind(_ response: RawResponse) -> String {
        let problem = (try? JSONSerialization.jsonObject(with: Data(response.body))) as? [String: Any]
        return (problem?["type"] as? String)?.split(separator: ":").last.map(String.init) ?? response.text
    }

    @Test(arguments: ["gzip", "x-gzip", "GZip", " gzip "])
    func compressedBody_isAccepted_andItsLengthIsThatOfTheWire(coding: String) async throws {
        try await WebServer.with { server in
            let lengths = Mutex<[Int]>([])
            server.fixes.failRecording { posts in
                lengths.withLock { $0 += posts.map(\.bodyBytes) }
                return nil
            }
            let plain = WebServer.body((0..<100).map { "van-\($0)" })
            let packed = try gzip(plain)
            let response = try await server.post(packed, fields: ["Content-Encoding: \(coding)"])
            #expect(response.status == 202, "\(response.text)")
            #expect(response.text.contains("\"accepted\":100"))
            let members = try gzip(Array(plain.prefix(50))) + gzip(Array(plain.dropFirst(50)))
            let again = try await server.post(members, fields: ["Content-Encoding: \(coding)"])
            #expect(again.status == 202 && again.text.contains("\"duplicates\":100"))
            #expect(lengths.withLock { $0 } == [packed.count, members.count])
        }
    }

    /// The signature covers the mark, so no proxy can take it away.
    @Test func byteOrderMark_isIgnored_inPlainAndCompressedBodies() async throws {
        try await WebServer.with { server in
            let marked = [0xEF, 0xBB, 0xBF] + WebServer.body(["van-1", "van-2"])
            let plain = try await server.post(marked)
            #expect(plain.status == 202 && plain.text.contains("\"accepted\":2"), "\(plain.text)")
            let packed = try await server.post(try gzip(marked), fields: ["Content-Encoding: gzip"])
            #expect(packed.status == 202 && packed.text.contains("\"duplicates\":2"), "\(packed.text)")
        }
    }

    @Test func signature_coversTheBodyAsSent() async throws {
        try await WebServer.with { server in
            let packed = try gzip(WebServer.body(["van-1"]))
            var tampered = packed
            // The byte names the operating system and does not change the content.
            tampered[9] ^= 1
            let fields = ["Content-Encoding: gzip"]
            let foreign = try await server.post(packed, fields: fields, key: [1])
            #expect(foreign.status == 401)
            let broken = try await server.post(Array(packed.dropLast()), fields: fields, key: [1])
            #expect(broken.status == 401)
            #expect(try await server.post(tampered, fields: fields).status == 202)
        }
    }

    @Test(arguments: [
        "br", "deflate", "gzip, gzip", "gzip, identity", "identity, gzip", "compress", "*", "", "gzip;q=1",
    ])
    func otherEncoding_isRefused(coding: String) async throws {
        try await WebServer.with { server in
            let packed = try gzip(WebServer.body(["van-1"]))
            let response = try await server.post(packed, fields: ["Content-Encoding: \(coding)"])
            #expect(response.status == 415 && kind(response) == "unsupported-encoding")
            #expect(response["Accept-Encoding"] == "gzip, identity")
        }
    }

    @Test func bodyWithoutEncoding_isReadAsItIs() async throws {
        try await WebServer.with { server in
            let body = WebServer.body(["van-1"])
            #expect(try await server.post(body, fields: ["Content-Encoding: identity"]).status == 202)
            #expect(try await server.post(body).status == 202)
            let packed = try await server.post(gzip(body))
            #expect(packed.status == 400 && kind(packed) == "malformed-json")
        }
    }

    @Test func damagedBody_isABadRequest() async throws {
        try await WebServer.with { server in
            let packed = try gzip(WebServer.body(["van-1"]))
            var corrupt = packed
            corrupt[packed.count - 6] ^= 1
            let empty: [UInt8] = []
            let damaged: [(body: [UInt8], kind: String)] = [
                (Array(packed.dropLast(9)), "malformed-gzip"), (corrupt, "malformed-gzip"),
                (packed + [0, 0], "malformed-gzip"), (packed + packed.dropLast(), "malformed-gzip"),
                (WebServer.body(["van-1"]), "malformed-gzip"), (empty, "malformed-gzip"),
                (try gzip(empty), "malformed-json"), (packed + (try gzip([0x20, 0x7D])), "malformed-json"),
            ]
            for (body, kind) in damaged {
                let response = try await server.post(
                    body, fields: ["Content-Encoding: gzip"] + (body.isEmpty ? ["Content-Length: 0"] : []))
                #expect(response.status == 400 && self.kind(response) == kind, "\(response.text)")
            }
            #expect(try await server.post(packed, fields: ["Content-Encoding: gzip"]).status == 202)
        }
    }

    @Test func inflatedBody_hasTheLimitOfABody() async throws {
        try await WebServer.with { server in
            let body = WebServer.body(["van-1"])
            let filled = body + [UInt8](repeating: 0x20, count: RequestBodies.limit - body.count)
            let fields = ["Content-Encoding: gzip"]
            #expect(try await server.post(gzip(filled), fields: fields).status == 202)
            for bomb in [filled + [0x20], [UInt8](repeating: 0x20, count: 100 << 20)] {
                let response = try await server.post(gzip(bomb), fields: fields)
                #expect(response.status == 413 && kind(response) == "content-too-large")
            }
            let blocks =
                try gzip([]).prefix(10)
                + [[UInt8]](repeating: [0, 0, 0, 0xFF, 0xFF], count: 200_000).joined()
            let response = try await server.post(Array(blocks), fields: fields)
            #expect(response.status == 400 && kind(response) == "malformed-gzip")
        }
    }
}
