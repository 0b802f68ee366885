import Crypto
import FleetAccess
import Foundation
import HarborFleet
import HarborFleetTesting
import Logging
import Postgres
import Testing

@testable import HarborFleetStorage

/// A pass phrase as `HARBOR_SECRET_KEY`, on a database whose secrets an earlier release sealed.
@Suite(.serialized, .timeLimit(.minutes(2))) struct PassPhraseTests {
    private static let phrase = "correct horse battery staple"

    /// The key as earlier releases derived it.
    private static var olderKey: [UInt8] {
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(phrase.utf8)),
            info: Array("harbor-fleet secret key".utf8), outputByteCount: 32)
        return key.withUnsafeBytes { Array($0) }
    }

    private func withPool<Value>(
        of server: ServerProcess, _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let database = try await TestPostgres.shared.makeDatabase()
        var configuration = database.configuration
        configuration.url = try #require(server.databaseURL)
        let pool = database.startPool(configuration, size: 1)
        let value = try await body(pool)
        await pool.stop()
        return value
    }

    private func keyIDs(_ server: ServerProcess) async throws -> Set<String> {
        try await withPool(of: server) { pool in
            Set(try await pool.query("SELECT key_id FROM partner_secrets").map { try $0.string(0) })
        }
    }

    /// Posts as a partner does, which sends a POST again after a 503. The first POST waits for the key, and scrypt
    /// can take longer than a POST may, in a debug build on a loaded machine. No client hears when the key is
    /// derived.
    private func expectAccepted(_ secret: String, at server: ServerProcess) async throws {
        let client = APIClient(port: server.publicPort, secret: secret)
        var responses: [String] = []
        let isOver = try await eventually {
            let response = try await client.post([SentFix("van", at: 0)], to: "north")
            responses.append("\(response.status) \(response.text)")
            return response.status != 503
        }
        #expect(isOver && responses.last?.hasPrefix("202 ") == true, "\(responses)")
    }

    @Test func secretsOfAnEarlierRelease_stayValid_andAreSealedAgainUnderASaltedKey() async throws {
        let server = try await ServerProcess(environment: ["HARBOR_SECRET_KEY": Self.phrase])
        #expect(try await server.run(["migrate"]).exit == .code(0))
        try await server.addFleet("north")
        let before = SecretSealer(key: Self.olderKey)
        let secret = Credentials.makeSigningKey()
        try await withPool(of: server) { pool in
            let store = PostgresPartnerStore(
                pool: pool, sealer: before, logger: .silent)
            let partner = Partner(
                id: try #require(PartnerID("acme")), fleets: [try #require(FleetID("north"))],
                createdAt: SystemWallClock().now())
            try await store.add(partner, secret: secret)
        }
        #expect(try await keyIDs(server) == [before.keyID])

        try await server.start()
        let text = Credentials.signingSecretText(secret)
        try await expectAccepted(text, at: server)
        // The server logs it after the transaction.
        try await server.logLine(containing: "under a stronger key of the same pass phrase")
        let keys = try await keyIDs(server)
        #expect(keys.count == 1 && !keys.contains(before.keyID))
        try await expectAccepted(text, at: server)
        #expect(try await server.check("secrets")?.status == "ok")
        #expect(server.log.contains("32 random bytes") && !server.log.contains(Self.phrase))

        // What commands seal, the server opens: both read the same salt.
        let rotated = try await server.json([String: String].self, from: ["partners", "rotate", "acme"])
        let next = try #require(rotated["secret"])
        try await APIClient(port: server.publicPort, secret: next).waitForPost(202)
        #expect(try await keyIDs(server).count == 1)

        await server.stop(SIGKILL)
        try await server.start()
        try await expectAccepted(text, at: server)
        try await expectAccepted(next, at: server)
    }
}
