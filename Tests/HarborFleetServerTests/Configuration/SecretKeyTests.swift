import Foundation
import HarborFleetTesting
import Testing

@testable import HarborFleetServer

@Suite(.timeLimit(.minutes(1))) struct SecretKeyTests {
    private func configuration(_ environment: [String: String]) async throws -> ServerConfiguration {
        let directory = try TemporaryDirectory()
        let file = try directory.write("{}", to: "settings.json")
        return try await ServerConfiguration.load(environment: environment, file: file)
    }

    @Test func key_isMadeOnceForItsOwnerOnly_whenNoneIsSet() async throws {
        let directory = try TemporaryDirectory()
        let data = directory.path + "/deep/data"
        let configuration = try await configuration(["HARBOR_DATA_DIR": data])
        let key = try SecretKey.load(for: configuration)
        #expect(key.bytes.count == 32)
        #expect(try SecretKey.load(for: configuration).bytes == key.bytes)
        let attributes = try FileManager.default.attributesOfItem(atPath: data + "/secret.key")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: data) == ["secret.key"])
    }

    @Test func keyFile_isNeverReplaced_whenItIsNotValid() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("no key", to: "secret.key")
        let configuration = try await configuration(["HARBOR_DATA_DIR": directory.path])
        #expect(throws: ConfigurationError.self) { try SecretKey.load(for: configuration) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "no key")
    }

    @Test func formsOfAKey_giveTheSameBytes() throws {
        let bytes = (0..<32).map { UInt8($0) }
        let hexadecimal = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let base64 = Data(bytes).base64EncodedString()
        #expect(try SecretKey.check(Secret(hexadecimal), setting: "K").bytes == bytes)
        #expect(try SecretKey.check(Secret(base64), setting: "K").bytes == bytes)
        let phrase = try SecretKey.check(Secret("correct horse battery"), setting: "K").bytes
        #expect(phrase.count == 32 && phrase != bytes)
        #expect(throws: ConfigurationError.self) {
            try SecretKey.check(Secret("fifteen chars.."), setting: "K")
        }
    }

    /// RFC 7914 section 12 has vectors of scrypt itself. This one has our own parameters, which must never change. OpenSSL
    /// (`openssl kdf -kdfopt n:32768 -kdfopt r:8 -kdfopt p:3`) gives the same key.
    @Test func keyOfAPassPhrase_isThatOfScrypt() throws {
        let salt = (0..<16).map { UInt8($0) }
        let key = try #require(PassPhraseKey.key(of: Secret("correct horse battery"), salt: salt))
        #expect(Data(key).base64EncodedString() == "BUS/jY3RXIlNUfVFibrXS1m+ZtyDS56ksoZ2SgSjUlQ=")
    }
}
