internal import Crypto
internal import FleetAccess
internal import FoundationEssentials
internal import HarborFleet
internal import TextFormats

/// The signature of a POST by the rules of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, base64, in
/// `webhook-signature` as space-separated `v1,SIGNATURE`.
struct WebhookSignature: Sendable {
    /// How far `webhook-timestamp` may be from our clock, either way.
    static let tolerance: Duration = .seconds(300)
    /// At most this many signatures of one header are checked, so that a long header cannot buy CPU time.
    private static let maxSignatures = 16
    /// An id longer than this is malformed.
    static let maximumIDBytes = 256
    /// A refused body is hashed with at least this many keys: otherwise the time would reveal a fleet that has
    /// fewer.
    static let leastKeysTried = 2

    /// `webhook-id`.
    let id: String
    /// `webhook-timestamp`.
    let timestampSeconds: Int64
    /// What is signed before the body: `id.timestamp.`.
    private let signed: [UInt8]
    private let signatures: [[UInt8]]

    /// Reads the three header fields. It checks neither the body nor the clock, see `checkTime`.
    init(id: String, timestamp: String, signature: String) throws(IngestRefusal) {
        signatures = Self.all(signature)
        guard !signatures.isEmpty else { throw Self.malformed(.webhookSignature) }
        guard !id.isEmpty, id.utf8.count <= Self.maximumIDBytes else { throw Self.malformed(.webhookID) }
        guard let seconds = Self.seconds(timestamp) else { throw Self.malformed(.webhookTimestamp) }
        self.id = id
        timestampSeconds = seconds
        signed = Self.signed(id, timestamp)
    }

    /// Whether a `webhook-signature` holds at least one signature that has the form of version 1. Allocates
    /// nothing for a single one.
    static func isOfForm(_ header: String) -> Bool {
        let space = UInt8(ascii: " ")
        guard header.utf8.contains(space) else { return isVersion1(header.utf8[...]) }
        return header.utf8.split(separator: space).prefix(maxSignatures).contains(where: isVersion1)
    }

    private static func isVersion1(_ text: Substring.UTF8View) -> Bool {
        guard text.starts(with: "v1,".utf8), text.count > 3 else { return false }
        return text.dropFirst(3).allSatisfy { $0.isASCIIAlphanumeric || "+/=".utf8.contains($0) }
    }

    /// Checks `webhook-timestamp`: it may differ from `now` by `tolerance`.
    static func checkTime(_ timestamp: String, now: Timestamp) throws(IngestRefusal) {
        guard let seconds = seconds(timestamp) else { throw malformed(.webhookTimestamp) }
        let age = now.milliseconds / 1_000 &- seconds
        guard age.magnitude <= UInt64(tolerance.components.seconds) else {
            throw IngestRefusal(cause: .stale, staleBySeconds: age)
        }
    }

    /// The secret of the first key that verifies one of the signatures over the body as sent; nil when none
    /// does. The comparison takes the same time wherever the bytes differ, and a refusal with no key takes as
    /// long as one with `leastKeysTried` keys.
    func verify(_ body: [UInt8], with keys: [PartnerKey]) -> SigningSecret? {
        // Copied into one buffer: this costs less than a second call of the hash.
        let content = signed + body
        let tried = keys.prefix(SigningSecret.maximumPerFleet)
        for key in tried where isSigned(key.keyed.code(of: content)) { return key.secret }
        for _ in tried.count..<max(tried.count, Self.leastKeysTried) {
            _ = isSigned(PartnerKey.dummy.code(of: content))
        }
        return nil
    }

    private func isSigned(_ expected: HMAC<SHA256>.MAC) -> Bool {
        signatures.contains { Self.isEqual(expected, $0) }
    }

    private static func isEqual(_ code: HMAC<SHA256>.MAC, _ signature: [UInt8]) -> Bool {
        guard signature.count == SHA256.byteCount else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(code, signature) { difference |= left ^ right }
        return difference == 0
    }

    /// Decimal digits only: `Int64` alone would accept a sign too.
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

    /// The bytes of `v1,BASE64`; nil for other versions, which we do not verify.
    private static func version1(_ text: Substring.UTF8View) -> [UInt8]? {
        guard text.starts(with: "v1,".utf8) else { return nil }
        return String(text.dropFirst(3)).flatMap { Data(base64Encoded: $0) }.map(Array.init)
    }
}
