internal import Crypto
internal import Foundation

/// Seals partner secrets at rest with AES-GCM under `HARBOR_SECRET_KEY`, so that a read of the database gives
/// nobody a key to sign with.
package struct SecretSealer: Sendable {
    /// Why a secret cannot be sealed or opened. Names no secret.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The key is not the base64 of 32 bytes.
        case malformedKey
        /// It was sealed under another key, or for another partner, or was changed.
        case notOurs

        package var description: String {
            switch self {
            case .malformedKey: "HARBOR_SECRET_KEY is not the base64 of 32 bytes"
            case .notOurs: "a partner secret was sealed under another HARBOR_SECRET_KEY"
            }
        }
    }

    private let key: SymmetricKey
    /// Tells keys apart without giving one away: the start of the key's SHA-256, in hexadecimal digits.
    package let keyID: String

    /// - Parameter base64: 32 bytes.
    package init(base64: String) throws(Failure) {
        let text = base64.split(whereSeparator: \.isWhitespace).joined()
        guard let bytes = Data(base64Encoded: text), bytes.count == 32 else { throw .malformedKey }
        self.init(key: [UInt8](bytes))
    }

    /// - Parameter key: 32 bytes; with another length nothing can be sealed.
    package init(key bytes: [UInt8]) {
        key = SymmetricKey(data: bytes)
        keyID = Hexadecimal.text(SHA256.hash(data: bytes).prefix(8))
    }

    /// A new key at random, as base64.
    package static func makeKey() -> String {
        Data(Credentials.randomBytes(32)).base64EncodedString()
    }

    /// - Parameter context: whose secret it is; opening wants the same.
    func seal(_ secret: [UInt8], context: String) throws(Failure) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(secret, using: key, authenticating: Array(context.utf8))
            // nil only for a nonce of another length than the standard one, which we do not give.
            guard let combined = box.combined else { throw Failure.notOurs }
            return [UInt8](combined)
        } catch {
            throw .notOurs
        }
    }

    func open(_ sealed: [UInt8], context: String) throws(Failure) -> [UInt8] {
        do {
            let box = try AES.GCM.SealedBox(combined: sealed)
            return [UInt8](try AES.GCM.open(box, using: key, authenticating: Array(context.utf8)))
        } catch {
            throw .notOurs
        }
    }
}
