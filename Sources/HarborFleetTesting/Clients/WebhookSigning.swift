internal import Crypto
internal import Foundation

/// Signs bodies as a partner does, by the Standard Webhooks rules. It shares no code with the program, so that
/// the two check each other.
package struct WebhookSigning: Sendable {
    private let key: SymmetricKey

    /// - Parameter secret: `whsec_BASE64`.
    package init(secret: String) {
        key = SymmetricKey(data: Data(base64Encoded: String(secret.dropFirst("whsec_".count))) ?? Data())
    }

    /// The value of `webhook-signature`.
    /// - Parameter timestamp: unix seconds, as sent in `webhook-timestamp`.
    package func signature(id: String, timestamp: String, body: [UInt8]) -> String {
        let message = Data("\(id).\(timestamp).".utf8) + Data(body)
        let code = HMAC<SHA256>.authenticationCode(for: message, using: key)
        return "v1," + Data(code).base64EncodedString()
    }

    /// The three header lines of a POST that is sent now.
    /// - Parameter offsetSeconds: added to the time of day, to make stale timestamps.
    package func fields(
        for body: [UInt8], id: String = "msg_" + UUID().uuidString, offsetSeconds: Int = 0
    ) -> [String] {
        let timestamp = "\(Int(Date().timeIntervalSince1970) + offsetSeconds)"
        return [
            "webhook-id: \(id)", "webhook-timestamp: \(timestamp)",
            "webhook-signature: \(signature(id: id, timestamp: timestamp, body: body))",
        ]
    }
}
