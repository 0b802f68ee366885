import FleetAccess
import HarborFleet
import Testing

@testable import HarborFleetStorage

/// The secrets that have ended. The server tries them for a POST that no valid secret verifies.
@Suite(.timeLimit(.minutes(2))) struct EndedSecretsTests {
    private let past = Timestamp(milliseconds: 1_000_000_000_000)
    private let future = Timestamp(milliseconds: 4_000_000_000_000)

    @Test func endedSecrets_areFound_lastEndedFirst() async throws {
        try await StorageBench.with { bench in
            let store = bench.partners()
            let (acme, other) = (try bench.partner("acme"), try bench.partner("other"))
            try await store.add(acme, secret: [1])
            try await store.add(other, secret: [9])
            #expect(try await store.endedSecrets(of: StorageBench.north).isEmpty)
            try await store.rotate(acme.id, secret: [2], oldSecretsExpireAt: future)
            #expect(try await store.endedSecrets(of: StorageBench.north).isEmpty)
            try await store.rotate(acme.id, secret: [3], oldSecretsExpireAt: past)
            let rotated = try await store.endedSecrets(of: StorageBench.north)
            #expect(rotated.map(\.key) == [[2], [1]])
            #expect(rotated.map(\.expiresAt) == [past, past])
            try await store.revoke(acme.id)
            let revoked = try await store.endedSecrets(of: StorageBench.north)
            #expect(revoked.map(\.key) == [[3], [2], [1]])
            #expect(revoked.map(\.partnerID) == [acme.id, acme.id, acme.id])
            // A partner that is added again under the same name is another one.
            try await store.add(acme, secret: [4])
            #expect(try await store.endedSecrets(of: StorageBench.north).map(\.key) == [[3], [2], [1]])
            #expect(Set(try await store.signingSecrets(for: StorageBench.north).map(\.key)) == [[4], [9]])
        }
    }

    @Test func endedSecrets_areBounded_andOfTheirFleetOnly() async throws {
        try await StorageBench.with { bench in
            let store = bench.partners()
            for number in 0..<20 {
                let partner = try bench.partner("p\(number)")
                try await store.add(partner, secret: [UInt8(number)])
                try await store.revoke(partner.id)
            }
            let ended = try await store.endedSecrets(of: StorageBench.north)
            #expect(ended.map(\.key) == (4..<20).reversed().map { [UInt8($0)] })
            #expect(try await store.endedSecrets(of: fleetID("south")).isEmpty)
            try await bench.fleets.removeFleet(StorageBench.north)
            #expect(try await store.endedSecrets(of: StorageBench.north).isEmpty)
        }
    }

    /// The server has another key now and cannot open them.
    @Test func secrets_areLeftOut_whenTheyAreSealedUnderAnotherKey() async throws {
        try await StorageBench.with { bench in
            let acme = try bench.partner("acme")
            try await bench.partners().add(acme, secret: [1])
            try await bench.partners().revoke(acme.id)
            for sealer in [nil, SecretSealer(key: [UInt8](repeating: 8, count: 32))] {
                let other = PostgresPartnerStore(
                    pool: bench.pool, sealer: sealer, logger: bench.database.logger)
                #expect(try await other.endedSecrets(of: StorageBench.north).isEmpty)
            }
        }
    }
}
