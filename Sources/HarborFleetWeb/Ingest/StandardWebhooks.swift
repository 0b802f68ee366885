internal import Crypto
internal import FoundationEssentials
package import HarborFleet

/// The signature of a POST by the rules of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, base64, in
/// `webhook-signature` as space-separated `v1,SIGNATURE`.
package struct WebhookSignature: Sendable {
    /// How far `webhook-timestamp` may be from our clock, either way.
    package static let tolerance: Duration = .seconds(300)
    /// Signatures of one header that are looked at, so that a long header does not buy CPU time.
    private static let maxSignatures = 16
    /// An id longer than this is no id.
    private static let maxIDBytes = 256

    /// `webhook-id`.
    package let id: String
    /// What is signed before the body: `id.timestamp.`.
    private let signed: [UInt8]
    private let signatures: [[UInt8]]

    /// Reads the three header fields. Nothing of the body is looked at.
    /// - Returns: nil when one is missing or malformed, or the time is more than `tolerance` away from `now`.
    package init?(id: String?, timestamp: String?, signature: String?, now: Timestamp) {
        guard let id, let timestamp, let signature, !id.isEmpty, id.utf8.count <= Self.maxIDBytes,
            let seconds = Self.seconds(timestamp)
        else { return nil }
        let (distance, overflow) = seconds.subtractingReportingOverflow(now.milliseconds / 1_000)
        guard !overflow, distance.magnitude <= UInt64(Self.tolerance.components.seconds) else { return nil }
        self.id = id
        signed = Array(id.utf8) + [UInt8(ascii: ".")] + Array(timestamp.utf8) + [UInt8(ascii: ".")]
        signatures = signature.utf8.split(separator: UInt8(ascii: " ")).prefix(Self.maxSignatures)
            .compactMap(Self.version1)
        guard !signatures.isEmpty else { return nil }
    }

    /// The first secret that verifies one of the signatures over the body as sent; nil when none does.
    /// The comparison takes the same time wherever the difference is.
    package func verify(_ body: [UInt8], with secrets: [SigningSecret]) -> SigningSecret? {
        secrets.prefix(SigningSecret.maximumPerFleet).first { secret in
            var authentication = HMAC<SHA256>(key: SymmetricKey(data: secret.key))
            authentication.update(data: signed)
            authentication.update(data: body)
            let expected = authentication.finalize()
            return signatures.contains { Self.isEqual(expected, $0) }
        }
    }

    private static func isEqual(_ code: HMAC<SHA256>.MAC, _ signature: [UInt8]) -> Bool {
        guard signature.count == SHA256.byteCount else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(code, signature) { difference |= left ^ right }
        return difference == 0
    }

    /// Decimal digits only: `Int64` alone would take a sign too.
    private static func seconds(_ text: String) -> Int64? {
        guard text.utf8.count <= 12, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }

    /// The bytes of `v1,BASE64`; other versions are not ours to judge.
    private static func version1(_ text: Substring.UTF8View) -> [UInt8]? {
        guard text.starts(with: "v1,".utf8) else { return nil }
        return Data(base64Encoded: Data(text.dropFirst(3))).map(Array.init)
    }
}
