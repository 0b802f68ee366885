import FleetAccess
import HarborFleet
import HarborFleetTesting
import Postgres
import StoreCache
import Testing

@testable import HarborFleetStorage

/// Secrets whose key changes, and a key that is not known yet.
@Suite(.timeLimit(.minutes(2))) struct SecretKeyTests {
    private static let old = [UInt8](repeating: 1, count: 32)
    private static let new = [UInt8](repeating: 2, count: 32)
    private let future = StorageBench.now.advanced(by: .seconds(86_400 * 3_650))

    private func store(_ bench: StorageBench, _ sealer: (any SealerSource)?) -> PostgresPartnerStore {
        PostgresPartnerStore(pool: bench.pool, sealer: sealer, logger: bench.database.logger)
    }

    private func keys(_ store: PostgresPartnerStore) async throws -> Set<[UInt8]> {
        Set(try await store.signingSecrets(for: StorageBench.north).map(\.key))
    }

    @Test func secrets_areOpenedAndSealedAgain_whenTheKeyIsOlder() async throws {
        try await StorageBench.with { bench in
            let before = store(bench, SecretSealer(key: Self.old))
            for number in 0..<3 {
                try await before.add(try bench.partner("p\(number)"), secret: [UInt8(number)])
            }
            let first = try bench.partner("p0").id
            try await before.rotate(first, secret: [9], oldSecretsExpireAt: future)
            try await before.revoke(try bench.partner("p2").id)
            let foreign = store(bench, SecretSealer(key: [UInt8](repeating: 3, count: 32)))
            try await foreign.add(try bench.partner("other"), secret: [4])

            let sealer = SecretSealer(key: Self.new, olderKeys: [Self.old])
            let after = store(bench, sealer)
            let opened: Set<[UInt8]> = [[0], [1], [9]]
            #expect(try await keys(after) == opened)
            let resealer = SecretResealer(pool: bench.pool, sealer: sealer)
            let counts = [try await resealer.run(), try await resealer.run()]
            #expect(counts == [4, 0])
            #expect(try await keys(after) == opened)
            #expect(try await keys(store(bench, SecretSealer(key: Self.new))) == opened)
            let ids = try await bench.pool.query("SELECT DISTINCT key_id FROM partner_secrets").map {
                try $0.string(0)
            }
            #expect(Set(ids).count == 2 && ids.contains(sealer.keyID))
            #expect(!ids.contains(SecretSealer(key: Self.old).keyID))
        }
    }

    @Test func secrets_areSealedAgainOnce_byTwoServers() async throws {
        try await StorageBench.with { bench in
            let before = store(bench, SecretSealer(key: Self.old))
            try await before.add(try bench.partner("acme"), secret: [7])
            // The secrets of one partner fill more than one page.
            _ = try await bench.pool.query(
                """
                INSERT INTO partner_secrets (partner_key, sealed, key_id)
                SELECT partner_key, sealed, key_id FROM partner_secrets, generate_series(1, 249)
                """)
            let sealer = SecretSealer(key: Self.new, olderKeys: [Self.old])
            let resealer = SecretResealer(pool: bench.pool, sealer: sealer)
            async let one = resealer.run()
            async let other = resealer.run()
            let counts = try await [one, other]
            #expect(counts.reduce(0, +) == 250)
            let secrets = try await store(bench, SecretSealer(key: Self.new))
                .signingSecrets(for: StorageBench.north)
            #expect(secrets.count == SigningSecret.maximumPerFleet && secrets.allSatisfy { $0.key == [7] })
        }
    }

    @Test func salt_isMadeOnce_whenManyReadIt() async throws {
        try await StorageBench.with { bench in
            let salts = try await withThrowingTaskGroup(of: [UInt8].self) { tasks in
                for _ in 0..<8 { tasks.addTask { try await SecretSalt.read(in: bench.pool) } }
                return try await tasks.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
            }
            #expect(salts.count == 1 && salts.first?.count == 16)
            let count = try await bench.number("SELECT count(*) FROM secret_key_salt")
            #expect(count == 1)
        }
    }

    private struct NoKeyYet: SealerSource {
        var knownSealer: SecretSealer? { nil }

        func sealer() async throws(StoreError) -> SecretSealer {
            throw StoreError(.unavailable, detail: "no salt")
        }
    }

    @Test func store_isUnavailable_withoutItsKey() async throws {
        try await StorageBench.with { bench in
            try await store(bench, SecretSealer(key: Self.old)).add(try bench.partner("acme"), secret: [7])
            let waiting = store(bench, NoKeyYet())
            let error = await #expect(throws: StoreError.self) {
                _ = try await waiting.signingSecrets(for: StorageBench.north)
            }
            #expect(error?.kind == .unavailable)
        }
    }
}
