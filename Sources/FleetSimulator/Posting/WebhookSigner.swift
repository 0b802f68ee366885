import Crypto
import Foundation

/// Signs bodies by the Standard Webhooks rules: `v1,BASE64` of HMAC-SHA256 over `id.timestamp.body`
/// (standard-webhooks.com, "Signature scheme").
package struct WebhookSigner: Sendable {
    private let key: SymmetricKey

    /// - Parameter secret: `whsec_BASE64`, as `partners add` prints it.
    /// - Throws: `SimulatorError.unusableSecret`.
    package init(secret: String) throws(SimulatorError) {
        let prefix = "whsec_"
        guard secret.hasPrefix(prefix),
            let bytes = Data(base64Encoded: String(secret.dropFirst(prefix.count))),
            !bytes.isEmpty
        else { throw .unusableSecret }
        key = SymmetricKey(data: bytes)
    }

    /// The value of `webhook-signature`.
    /// - Parameters:
    ///   - id: the `webhook-id`, the same for all attempts.
    ///   - unixSeconds: the `webhook-timestamp` of this attempt.
    func signature(id: String, unixSeconds: Int64, body: [UInt8]) -> String {
        var authentication = HMAC<SHA256>(key: key)
        authentication.update(data: Array("\(id).\(unixSeconds).".utf8))
        authentication.update(data: body)
        return "v1," + Data(authentication.finalize()).base64EncodedString()
    }
}
