package import Crypto
package import StoreCache
internal import TextFormats

/// Seals partner secrets at rest with AES-GCM under `HARBOR_SECRET_KEY`, so that a read of the database gives
/// nobody a key to sign with. What it seals is under one key; it may open what is under older ones.
package struct SecretSealer: Sendable {
    /// A secret was sealed under another key, or for another partner, or was changed. Names no secret.
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

    /// Tells the key that it seals under from others without giving it away: the start of the key's SHA-256, in
    /// hexadecimal digits.
    package var keyID: String { newest.id }
    /// The ids of the keys that it only opens with.
    package var olderKeyIDs: [String] { older.map(\.id) }
    /// The ids of all keys that it opens with.
    package var keyIDs: Set<String> { Set(olderKeyIDs + [keyID]) }

    /// - Parameters:
    ///   - key: 32 bytes; with another length nothing can be sealed.
    ///   - olderKeys: what was sealed under these is opened too.
    package init(key bytes: [UInt8], olderKeys: [[UInt8]] = []) {
        newest = Key(bytes)
        older = olderKeys.map(Key.init)
    }

    /// Another key, derived from the one that it seals under by HKDF-SHA256 (RFC 5869).
    /// - Parameter purpose: tells it from other derived keys.
    package func key(for purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: newest.key, info: Array(purpose.utf8), outputByteCount: 32)
    }

    /// - Parameter context: whose secret it is; opening wants the same.
    func seal(_ secret: [UInt8], context: String) throws(Failure) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(secret, using: newest.key, authenticating: Array(context.utf8))
            // nil only for a nonce of another length than the standard one, which we do not give.
            guard let combined = box.combined else { throw Failure() }
            return [UInt8](combined)
        } catch {
            throw Failure()
        }
    }

    /// - Parameter keyID: of the key that it was sealed under.
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

/// Where a sealer comes from: a key that is derived from a pass phrase needs a salt of the database's, and time.
package protocol SealerSource: Sendable {
    /// The sealer, the same one at each call.
    /// - Throws: `StoreError.unavailable` while it cannot be made.
    func sealer() async throws(StoreError) -> SecretSealer

    /// The same sealer, at once; nil until it was made.
    var knownSealer: SecretSealer? { get }
}

extension SecretSealer: SealerSource {
    package func sealer() async throws(StoreError) -> SecretSealer { self }
    package var knownSealer: SecretSealer? { self }
}
