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
    package static let maximumIDBytes = 256

    /// `webhook-id`.
    package let id: String
    /// What is signed before the body: `id.timestamp.`.
    private let signed: [UInt8]
    private let signatures: [[UInt8]]
    /// `webhook-timestamp`, in seconds since 1970.
    private let seconds: Int64

    /// Reads the three header fields. Nothing of the body is looked at.
    /// - Returns: nil when one is missing or malformed, or the time is more than `tolerance` away from `now`.
    package init?(id: String?, timestamp: String?, signature: String?, now: Timestamp) {
        self.init(id: id, timestamp: timestamp, signature: signature)
        guard isTimely(at: now) else { return nil }
    }

    /// As above, for a request whose time was judged when its head arrived: its body may have taken minutes since.
    package init?(id: String?, timestamp: String?, signature: String?) {
        guard let id, let timestamp, let signature, !id.isEmpty, id.utf8.count <= Self.maximumIDBytes,
            let seconds = Self.seconds(timestamp)
        else { return nil }
        self.seconds = seconds
        self.id = id
        signed = Self.signed(id, timestamp)
        signatures = Self.all(signature)
        guard !signatures.isEmpty else { return nil }
    }

    /// Whether `webhook-timestamp` is at most `tolerance` away from `now`, either way.
    package func isTimely(at now: Timestamp) -> Bool {
        let (distance, overflow) = seconds.subtractingReportingOverflow(now.milliseconds / 1_000)
        return !overflow && distance.magnitude <= UInt64(Self.tolerance.components.seconds)
    }

    /// The secret of the first key that verifies one of the signatures over the body as sent; nil when none does.
    /// The comparison takes the same time wherever the difference is.
    package func verify(_ body: [UInt8], with keys: [PartnerKey]) -> SigningSecret? {
        // Copied together, which costs less than a second call of the hash.
        let content = signed + body
        return keys.prefix(SigningSecret.maximumPerFleet).first { key in
            let expected = key.authenticationCode(of: content)
            return signatures.contains { Self.isEqual(expected, $0) }
        }?.secret
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

    private static func signed(_ id: String, _ timestamp: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(id.utf8.count + timestamp.utf8.count + 2)
        bytes.append(contentsOf: id.utf8)
        bytes.append(UInt8(ascii: "."))
        bytes.append(contentsOf: timestamp.utf8)
        bytes.append(UInt8(ascii: "."))
        return bytes
    }

    /// The signatures of version 1 in a header.
    private static func all(_ header: String) -> [[UInt8]] {
        let space = UInt8(ascii: " ")
        // Nearly all senders have one secret.
        guard header.utf8.contains(space) else { return version1(header.utf8[...]).map { [$0] } ?? [] }
        return header.utf8.split(separator: space).prefix(maxSignatures).compactMap(version1)
    }

    /// The bytes of `v1,BASE64`; other versions are not ours to judge.
    private static func version1(_ text: Substring.UTF8View) -> [UInt8]? {
        guard text.starts(with: "v1,".utf8) else { return nil }
        return String(text.dropFirst(3)).flatMap { Data(base64Encoded: $0) }.map(Array.init)
    }
}
