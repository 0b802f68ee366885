package import Crypto
package import StoreCache
internal import TextFormats

/// Seals partner secrets at rest with AES-GCM under `HARBOR_SECRET_KEY`, so that read access to the database
/// reveals no key to sign with. It seals under one key, and can also open what is sealed under older keys.
package struct SecretSealer: Sendable {
    /// The secret was sealed under another key or for another partner, or was changed. The text names no secret.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package var description: String { "a partner secret was sealed under another HARBOR_SECRET_KEY" }
    }

    private struct Key: Sendable {
        let id: String
        let key: SymmetricKey

        init(_ bytes: [UInt8]) {
            key = SymmetricKey(data: bytes)
            id = Hexadecimal.text(SHA256.hash(data: bytes).prefix(8))
        }
    }

    private let newest: Key
    private let older: [Key]

    /// Identifies the key that is used for sealing without revealing it: the start of the key's SHA-256, in
    /// hexadecimal digits.
    package var keyID: String { newest.id }
    /// The ids of the keys that are used only for opening.
    package var olderKeyIDs: [String] { older.map(\.id) }
    /// The ids of all keys that can open secrets.
    package var keyIDs: Set<String> { Set(olderKeyIDs + [keyID]) }

    /// - Parameters:
    ///   - key: 32 bytes; with another length nothing can be sealed.
    ///   - olderKeys: keys whose secrets can be opened too.
    package init(key bytes: [UInt8], olderKeys: [[UInt8]] = []) {
        newest = Key(bytes)
        older = olderKeys.map(Key.init)
    }

    /// Another key, derived by HKDF-SHA256 (RFC 5869) from the key that is used for sealing.
    /// - Parameter purpose: distinguishes this derived key from others.
    package func key(for purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: newest.key, info: Array(purpose.utf8), outputByteCount: 32)
    }

    /// - Parameter context: the owner of the secret; opening requires the same value.
    func seal(_ secret: [UInt8], context: String) throws(Failure) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(secret, using: newest.key, authenticating: Array(context.utf8))
            // nil only for a nonce of another length than the standard one, and none is given here.
            guard let combined = box.combined else { throw Failure() }
            return [UInt8](combined)
        } catch {
            throw Failure()
        }
    }

    /// - Parameter keyID: the id of the key under which the secret was sealed.
    func open(_ sealed: [UInt8], under keyID: String, context: String) throws(Failure) -> [UInt8] {
        guard let key = ([newest] + older).first(where: { $0.id == keyID })?.key else { throw Failure() }
        do {
            let box = try AES.GCM.SealedBox(combined: sealed)
            return [UInt8](try AES.GCM.open(box, using: key, authenticating: Array(context.utf8)))
        } catch {
            throw Failure()
        }
    }
}

/// Provides the sealer. A key that is derived from a pass phrase needs a salt from the database, and time.
package protocol SealerSource: Sendable {
    /// Returns the sealer, the same one at each call.
    /// - Throws: `StoreError.unavailable` while it cannot be made.
    func sealer() async throws(StoreError) -> SecretSealer

    /// The same sealer without waiting; nil until it has been made.
    var knownSealer: SecretSealer? { get }
}

extension SecretSealer: SealerSource {
    package func sealer() async throws(StoreError) -> SecretSealer { self }
    package var knownSealer: SecretSealer? { self }
}
