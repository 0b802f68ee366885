internal import Crypto
internal import FoundationEssentials
internal import Glibc
package import HarborFleetStorage
package import Logging
package import Postgres
internal import Processes
internal import TextFormats

/// The 32 bytes that seal partners' secrets at rest.
///
/// `HARBOR_SECRET_KEY` gives them as 64 hexadecimal digits or as base64 (`openssl rand -base64 32`), or gives a
/// pass phrase of at least 16 characters, from which they are derived, see `PassPhraseKey`. If it is not set,
/// the server makes them once and keeps them in the data directory.
package struct SecretKey: Sendable {
    /// Exactly 32 bytes. For a pass phrase these are the bytes that earlier releases derived from it, by
    /// HKDF-SHA256 without a salt.
    package let bytes: [UInt8]
    private let passPhrase: Secret?

    private init(bytes: [UInt8], of passPhrase: Secret? = nil) {
        self.bytes = bytes
        self.passPhrase = passPhrase
    }

    /// Seals and opens with this key, and opens with the key that earlier releases derived from the same phrase.
    /// - Parameter pool: a pool of the database that holds the pass phrase's salt.
    package func sealers(in pool: PostgresPool) -> any SealerSource {
        guard let passPhrase else { return SecretSealer(key: bytes) }
        return PassPhraseKey(passPhrase, olderKey: bytes, pool: pool)
    }

    /// Logs a warning if the key can be found by guessing.
    package func warnIfGuessable(_ logger: Logger) {
        guard passPhrase != nil else { return }
        logger.warning(
            """
            HARBOR_SECRET_KEY is a pass phrase: someone who reads the database can try to guess it. A new installation \
            should use 32 random bytes (openssl rand -base64 32)
            """)
    }

    /// The file in the data directory that holds a generated key, mode 0600.
    package static let fileName = "secret.key"

    /// The key that a configuration names, or the data directory's key, which is made if it does not exist yet.
    /// - Throws: `ConfigurationError` when the file cannot be made, cannot be read, or holds no key.
    package static func load(for configuration: ServerConfiguration) throws(ConfigurationError) -> SecretKey {
        if configuration.secretKey == nil {
            try make(at: path(configuration), in: configuration.dataDirectory)
        }
        guard let key = try existing(for: configuration) else {
            throw unusable(path(configuration), "was removed meanwhile")
        }
        return key
    }

    /// The key that a configuration names, or the data directory's key; nil when neither exists.
    /// - Throws: `ConfigurationError` when the file cannot be read, or holds no key.
    package static func existing(
        for configuration: ServerConfiguration
    ) throws(ConfigurationError) -> SecretKey? {
        if let secret = configuration.secretKey { return try check(secret, setting: "HARBOR_SECRET_KEY") }
        let path = path(configuration)
        guard let text = try text(at: path, in: configuration.dataDirectory) else { return nil }
        guard let bytes = Data(base64Encoded: String(text.prefix { !$0.isNewline })), bytes.count == 32 else {
            throw unusable(path, "holds no key of 32 bytes in base64")
        }
        return SecretKey(bytes: Array(bytes))
    }

    /// nil when there is no such file.
    private static func text(at path: String, in directory: String) throws(ConfigurationError) -> String? {
        do throws(WholeFile.Failure) {
            return try WholeFile.text(at: path)
        } catch .refused(SystemError(ENOENT)) {
            return nil
        } catch .refused(SystemError(ENOTDIR)) {
            throw unusable(directory, "is not a directory; set HARBOR_DATA_DIR to one", "data directory")
        } catch .refused(let reason) {
            let advice = "set HARBOR_SECRET_KEY, or run as the user who owns it"
            throw unusable(path, "\(WholeFile.Failure.refused(reason)); \(advice)")
        } catch {
            throw unusable(path, "\(error)")
        }
    }

    private static func path(_ configuration: ServerConfiguration) -> String {
        configuration.dataDirectory + "/" + fileName
    }

    /// Reads a key from a text.
    @discardableResult
    static func check(_ secret: Secret, setting: String) throws(ConfigurationError) -> SecretKey {
        let text = secret.value
        let digits = Hexadecimal.bytes(text)
        if digits.count == 32 { return SecretKey(bytes: digits) }
        if let bytes = Data(base64Encoded: text), bytes.count == 32 { return SecretKey(bytes: Array(bytes)) }
        guard text.utf8.count >= 16 else {
            throw .malformed(
                setting: setting,
                expected: "32 bytes in base64 or hexadecimal, or a pass phrase of at least 16 characters")
        }
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(text.utf8)),
            info: Array("harbor-fleet secret key".utf8),
            outputByteCount: 32)
        return SecretKey(bytes: unsafe key.withUnsafeBytes { unsafe Array($0) }, of: secret)
    }

    /// Two processes may run this at once; `link` makes the first one's file the key of both.
    private static func make(at path: String, in directory: String) throws(ConfigurationError) {
        // Made first, and not as a part of the key's path: if the directory is at fault, the error names the
        // directory.
        do throws(FileFailure) {
            try DataDirectory.make(directory)
        } catch {
            throw unusable(
                error.path, "\(error.reason); set HARBOR_DATA_DIR to another path", "data directory")
        }
        guard unsafe access(path, F_OK) != 0 else { return }
        let temporary = "\(path).\(getpid())"
        defer { unsafe unlink(temporary) }
        let key = unsafe SymmetricKey(size: .bits256).withUnsafeBytes { unsafe Data($0) }
        do throws(SystemError) {
            try OwnedFile.write(Array((key.base64EncodedString() + "\n").utf8), to: temporary, mode: 0o600)
            guard unsafe link(temporary, path) == 0 || errno == EEXIST else { throw SystemError(errno) }
        } catch {
            throw unusable(path, "cannot be made: \(error); set HARBOR_SECRET_KEY")
        }
        OwnedFile.synchronizeDirectory(directory)
    }

    private static func unusable(
        _ path: String, _ reason: String, _ thing: String = "secret key"
    ) -> ConfigurationError {
        .unusableFile(setting: thing, path: path, reason: reason)
    }
}
