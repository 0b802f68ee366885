import Crypto
import Foundation
import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleetAPI

/// The decisions that the head of a POST of fixes allows before its body arrives.
@Suite(.timeLimit(.minutes(1))) struct IngestHeadTests {
    private static let path = "/api/v1/fleets/north/fixes"

    /// Makes the head of a POST. The signature is right unless a parameter changes something.
    private func head(
        of body: [UInt8], to fleet: String = "north", secondsAgo: Int = 0, without: String = "",
        signature: String? = nil
    ) -> String {
        let seconds = Int(Date().timeIntervalSince1970) - secondsAgo
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("msg.\(seconds).".utf8) + Data(body), using: SymmetricKey(data: WebServer.signingKey))
        let lines = [
            "POST /api/v1/fleets/\(fleet)/fixes HTTP/1.1", "Host: h", "Content-Type: application/json",
            "Content-Length: \(body.count)", "webhook-id: msg", "webhook-timestamp: \(seconds)",
            "webhook-signature: \(signature ?? "v1,\(Data(code).base64EncodedString())")",
        ]
        return lines.filter { without.isEmpty || !$0.hasPrefix(without) }.joined(separator: "\r\n")
            + "\r\n\r\n"
    }

    @Test(
        arguments: [
            ("-north", 0, "", nil), ("north", 301, "", nil), ("north", -302, "", nil),
            ("north", 0, "webhook-id", nil), ("north", 0, "webhook-timestamp", nil),
            ("north", 0, "webhook-signature", nil), ("north", 0, "", "v2,AAAA"), ("north", 0, "", "v1,!"),
        ] as [(String, Int, String, String?)])
    func post_isAnsweredByItsHead_withoutAValidSignature(
        _ fleet: String, _ secondsAgo: Int, _ without: String, _ signature: String?
    ) async throws {
        try await WebServer.with { server in
            let body = WebServer.body(["van-1"])
            let client = try RawClient(port: server.port)
            try await client.send(
                head(of: body, to: fleet, secondsAgo: secondsAgo, without: without, signature: signature))
            let path = "/api/v1/fleets/\(fleet)/fixes"
            #expect(try await client.response(to: "POST", path).status == 401)
            // The connection still serves a valid POST.
            try await client.send(body)
            try await client.send(Array(head(of: body).utf8) + body)
            #expect(try await client.response(to: "POST", Self.path).status == 202)
        }
    }

    @Test func timestamp_isCheckedOnce_whenTheHeadArrives() async throws {
        try await WebServer.with { server in
            let body = WebServer.body(["van-1"])
            let client = try RawClient(port: server.port)
            try await client.send(Array(head(of: body, secondsAgo: 290).utf8) + body.prefix(10))
            let other = try RawClient(port: server.port)
            try await other.send(
                head(of: body, secondsAgo: 290).replacing("Host: h", with: "Expect: 100-continue\r\nHost: h"))
            #expect(try await other.response(hasBody: false).status == 100)
            // This is a poll, because no event says that the server has read the head of a body that goes on.
            try await waitUntil { server.endpoint.heldBodyBytes > 0 }
            server.clock.advance(by: .seconds(30))
            try await client.send(Array(body.dropFirst(10)))
            #expect(try await client.response(to: "POST", Self.path).status == 202)
            try await other.send(body)
            #expect(try await other.response(to: "POST", Self.path).status == 202)
            // A new POST with this timestamp is too late by now.
            let late = try await RawClient(port: server.port, sending: head(of: body, secondsAgo: 290))
            #expect(try await late.response(to: "POST", Self.path).status == 401)
        }
    }
}
