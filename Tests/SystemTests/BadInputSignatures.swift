import Foundation
import HarborFleetTesting

/// POSTs with a wrong signature: all get the same 401.
extension BadRequest {
    static let signatures: [BadRequest] = [
        post("a wrong signature") { _ in signing(with: unknownSecret) },
        post("a stale timestamp") { $0.signing(offsetSeconds: -310) },
        post("a timestamp of the future") { $0.signing(offsetSeconds: 310) },
        post("no webhook-id") { $0.signing().filter { !$0.hasPrefix("webhook-id") } },
        post("no webhook-timestamp") { $0.signing().filter { !$0.hasPrefix("webhook-timestamp") } },
        post("no webhook-signature") { $0.signing().filter { !$0.hasPrefix("webhook-signature") } },
        post("no signature at all") { _ in [] },
        post("an empty webhook-id") { $0.signing(id: "") },
        post("a version that is not v1") { server in
            server.signing().map { $0.replacing("webhook-signature: v1,", with: "webhook-signature: v2,") }
        },
        post("no version") { server in server.signing().map { $0.replacing(": v1,", with: ": ") } },
        post("the secret of another fleet's partner") { signing(with: $0.foreignSecret) },
        post("base64 that is none") { $0.signing(signature: "v1,!!!not-base64!!!") },
        post("half a signature") { $0.signing(signature: "v1,AAAAAAAAAAAAAAAAAAAAAA==") },
        post("an empty signature") { $0.signing(signature: "v1,") },
        post("a timestamp that is no number") { $0.signing(timestamp: "now") },
        post("a timestamp with a sign") { $0.signing(timestamp: "+\(seconds)") },
        post("a timestamp with a fraction") { $0.signing(timestamp: "\(seconds).5") },
        post("a timestamp beyond counting") { $0.signing(timestamp: String(repeating: "9", count: 40)) },
        post("a signature of another id") { server in
            server.signing(id: "msg_1").map { $0.replacing("msg_1", with: "msg_2") }
        },
        post("a token instead of a signature") { ["Authorization: Bearer \($0.token)"] },
        BadRequest("a body changed after it was signed", .badSignature) { server in
            var bytes = server.client.request(fixes: Array(GoodFix().body.utf8), to: BadInputServer.north)
            bytes[bytes.count - 1] = UInt8(ascii: " ")
            return bytes
        },
        BadRequest("an unknown fleet", .badSignature) {
            $0.client.request(fixes: Array(GoodFix().body.utf8), to: "nowhere")
        },
        BadRequest("a fleet id that none can have", .badSignature) {
            $0.client.request(fixes: Array(GoodFix().body.utf8), to: "-nowhere")
        },
        BadRequest("broken JSON that is not signed: nothing is parsed", .badSignature) { _ in
            post(body: Array("{".utf8), fields: [])
        },
    ]

    /// A secret that no partner has.
    static let unknownSecret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()

    private static var seconds: Int { Int(Date().timeIntervalSince1970) }

    private static var body: [UInt8] { Array(#"{"fixes":[]}"#.utf8) }

    private static func signing(with secret: String) -> [String] {
        WebhookSigning(secret: secret).fields(for: body)
    }

    private static func post(
        _ name: String, _ fields: @escaping @Sendable (BadInputServer) -> [String]
    ) -> BadRequest {
        BadRequest(name, .badSignature) { post(body: body, fields: fields($0)) }
    }

    private static func post(body: [UInt8], fields: [String]) -> [UInt8] {
        let own = ["Content-Type: application/json", "Content-Length: \(body.count)"]
        return RequestText("POST", "/api/v1/fleets/harbor-north/fixes", own + fields, body: body).bytes
    }
}

extension BadInputServer {
    /// The three header lines for an empty list of fixes, with the given parts.
    fileprivate func signing(
        id: String = "msg_1", timestamp: String? = nil, offsetSeconds: Int = 0, signature: String? = nil
    ) -> [String] {
        let body = Array(#"{"fixes":[]}"#.utf8)
        let signing = WebhookSigning(secret: secret)
        let timestamp = timestamp ?? "\(Int(Date().timeIntervalSince1970) + offsetSeconds)"
        let good = signing.signature(id: id, timestamp: timestamp, body: body)
        return [
            "webhook-id: \(id)", "webhook-timestamp: \(timestamp)",
            "webhook-signature: \(signature ?? good)",
        ]
    }
}
