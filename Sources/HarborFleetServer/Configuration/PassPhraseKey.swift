internal import CryptoExtras
internal import HarborFleetStorage
internal import Postgres
internal import Processes
internal import StoreCache
internal import Synchronization

/// Derives the key from a pass phrase and the database's salt by scrypt (RFC 7914), which makes each guess at
/// the phrase as expensive as our own derivation. The key is derived once, when it is first needed, on a thread
/// of its own.
final class PassPhraseKey: SealerSource {
    /// 32 MiB three times over, some tenths of a second. OWASP's Password Storage Cheat Sheet counts this as
    /// equal to 128 MiB once, which a small container may not have. Other numbers would give another key.
    private static let (rounds, blockSize, parallelism) = (32_768, 8, 3)
    private static let byteCount = 32

    private let passPhrase: Secret
    private let olderKey: [UInt8]
    private let pool: PostgresPool
    private let queue = BlockingQueue(label: "harbor-fleet.secret-key")
    private let made = Mutex<SecretSealer?>(nil)

    /// - Parameter olderKey: the key that earlier releases derived from the phrase; it still opens what is
    ///   sealed under it.
    init(_ passPhrase: Secret, olderKey: [UInt8], pool: PostgresPool) {
        self.passPhrase = passPhrase
        self.olderKey = olderKey
        self.pool = pool
    }

    func sealer() async throws(StoreError) -> SecretSealer {
        if let knownSealer { return knownSealer }
        let salt = try await SecretSalt.read(in: pool)
        guard let sealer = await queue.run({ [self] in derived(salt) }) else {
            throw StoreError(.unavailable, detail: "there is not enough memory to derive the key")
        }
        return sealer
    }

    var knownSealer: SecretSealer? { made.withLock { $0 } }

    /// The queue is serial, so the first waiting caller derives the key for all of them.
    private func derived(_ salt: [UInt8]) -> SecretSealer? {
        if let knownSealer { return knownSealer }
        guard let key = Self.key(of: passPhrase, salt: salt) else { return nil }
        let sealer = SecretSealer(key: key, olderKeys: [olderKey])
        made.withLock { $0 = sealer }
        return sealer
    }

    /// nil when there is not enough memory.
    static func key(of passPhrase: Secret, salt: [UInt8]) -> [UInt8]? {
        let key = try? KDF.Scrypt.deriveKey(
            from: Array(passPhrase.value.utf8), salt: salt, outputByteCount: byteCount, rounds: rounds,
            blockSize: blockSize, parallelism: parallelism)
        return unsafe key?.withUnsafeBytes { unsafe Array($0) }
    }
}
