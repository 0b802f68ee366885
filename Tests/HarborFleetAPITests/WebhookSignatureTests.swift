import FleetAccess
import Foundation
import HarborFleet
import HarborFleetTesting
import Testing

@testable import HarborFleetAPI

struct WebhookSignatureTests {
    // This is the example of the Standard Webhooks libraries.
    private let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"

    private let timestamp = "1614265330"
    private let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    private let body = Array("{\"test\": 2432232314}".utf8)
    private let now = Timestamp(milliseconds: 1_614_265_330_500)

    private func secret(_ base64: String = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") throws -> SigningSecret {
        let key = try #require(Data(base64Encoded: base64))
        return SigningSecret(partnerID: try #require(PartnerID("acme")), key: Array(key))
    }

    private func key(_ base64: String = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") throws -> PartnerKey {
        PartnerKey(try secret(base64))
    }

    private func read(
        id: String? = nil, timestamp: String? = nil, signature: String? = nil
    ) throws(IngestRefusal) -> WebhookSignature {
        try WebhookSignature(
            id: id ?? self.id, timestamp: timestamp ?? self.timestamp, signature: signature ?? self.signature)
    }

    /// It verifies also among other signatures and secrets.
    @Test func publishedExample_verifies() throws {
        let other = try key("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        #expect(try read().verify(body, with: [key()]) == secret())
        #expect(try read().verify(body, with: [other, key()]) == secret())
        let several = "v1,AAAA v2,xyz \(signature)"
        #expect(try read(signature: several).verify(body, with: [key()]) == secret())
    }

    @Test func changedPost_doesNotVerify() throws {
        #expect(try read().verify(body + [0x20], with: [key()]) == nil)
        #expect(try read(id: "msg_other").verify(body, with: [key()]) == nil)
        #expect(try read(timestamp: "1614265331").verify(body, with: [key()]) == nil)
        #expect(try read().verify(body, with: [key("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]) == nil)
        #expect(try read().verify(body, with: []) == nil)
    }

    @Test func atMostSixteenSecrets_areTried() throws {
        let others = try (0..<16).map { _ in try key("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") }
        #expect(try read().verify(body, with: others + [key()]) == nil)
        #expect(try read().verify(body, with: others.dropLast() + [key()]) == secret())
    }

    @Test(arguments: [(-300, true), (-301, false), (300, true), (301, false)])
    func timestamp_isStale_afterFiveMinutes(seconds: Int64, isTaken: Bool) {
        let now = Timestamp(milliseconds: (1_614_265_330 + seconds) * 1_000)
        var refusal: IngestRefusal?
        do throws(IngestRefusal) {
            try WebhookSignature.checkTime(timestamp, now: now)
        } catch {
            refusal = error
        }
        #expect(refusal == (isTaken ? nil : IngestRefusal(cause: .stale, staleBySeconds: seconds)))
    }

    @Test func form_isCheckedWithoutDecoding() {
        for header in [signature, "v2,!! \(signature)", "v1,! v1,AAAA", "v1,AA"] {
            #expect(WebhookSignature.isOfForm(header))
        }
        for header in ["", " ", "v1,", "v1,!", "v2,AAAA", "AAAA", "v1", "v1,%%% v2,AAAA"] {
            #expect(!WebhookSignature.isOfForm(header))
        }
    }
}

/// Fields of a signature that are malformed or missing.
@Suite struct WebhookSignatureRefusalTests {
    @Test(arguments: [
        ("", "1614265330", "v1,AAAA", "webhook-id"), ("id", "", "v1,AAAA", "webhook-timestamp"),
        ("id", "1614265330", "", "webhook-signature"),
        ("id", "+1614265330", "v1,AAAA", "webhook-timestamp"),
        ("id", "-1614265330", "v1,AAAA", "webhook-timestamp"),
        ("id", "1614265330.5", "v1,AAAA", "webhook-timestamp"),
        ("id", "99999999999999999999999", "v1,AAAA", "webhook-timestamp"),
        ("id", "1614265330", "v2,AAAA", "webhook-signature"),
        ("id", "1614265330", "v1,%%%", "webhook-signature"),
        ("id", "1614265330", "AAAA", "webhook-signature"),
        (String(repeating: "x", count: 257), "1614265330", "v1,AAAA", "webhook-id"),
    ])
    func field_isRefusedAndNamed_whenItIsMalformed(
        id: String, timestamp: String, signature: String, header: String
    ) {
        #expect(throws: IngestRefusal(cause: .headerMalformed, header: header)) {
            try WebhookSignature(id: id, timestamp: timestamp, signature: signature)
        }
    }

    @Test func timestamp_isRefused_whenItIsMalformed() {
        for time in ["", "+1614265330", "1614265330.5", "99999999999999999999999", "1614265330, 1614265330"] {
            #expect(throws: IngestRefusal(cause: .headerMalformed, header: "webhook-timestamp")) {
                try WebhookSignature.checkTime(time, now: Timestamp(milliseconds: 1_614_265_330_500))
            }
        }
    }

    @Test(arguments: 1..<8)
    func field_isRefusedAndNamed_whenItIsMissing(missing: Int) throws {
        let fields = [
            ("webhook-id", "msg_1"), ("webhook-timestamp", "1614265330"), ("webhook-signature", "v1,AAAA"),
        ]
        let (gone, left) = (0..<3).reduce(into: ([String](), [String]())) { parts, number in
            if missing >> number & 1 == 1 {
                parts.0.append(fields[number].0)
            } else {
                parts.1.append("\(fields[number].0): \(fields[number].1)")
            }
        }
        let text = (["POST / HTTP/1.1", "Host: h"] + left).joined(separator: "\r\n") + "\r\n\r\n"
        let head = try RequestSample.head(text)
        #expect(throws: IngestRefusal(cause: .headerMissing, header: gone.joined(separator: ", "))) {
            try WebhookSignature(head)
        }
    }
}
