import FleetAccess
import Foundation
import HarborFleet
import Postgres
import StoreCache
import Testing
import TextFormats

@testable import HarborFleetStorage

@Suite(.timeLimit(.minutes(2))) struct AdminTests {
    private let north = StorageBench.north
    private let now = StorageBench.now
    /// A time ahead of the server's clock, which decides what has expired.
    private let future = Timestamp(milliseconds: 4_000_000_000_000)
    private let past = Timestamp(milliseconds: 1_000_000_000_000)

    @Test func secretsOfAPartner_areSealedRotatedAndRevoked() async throws {
        try await StorageBench.with { bench in
            let store = bench.partners()
            let partner = try bench.partner("acme")
            let first = Credentials.makeSigningKey()
            let second = Credentials.makeSigningKey()
            try await store.add(partner, secret: first)
            let rows = try await bench.pool.query("SELECT sealed FROM partner_secrets")
            let sealed = try rows[0].bytes(0)
            #expect(sealed.count == first.count + 28)
            #expect(!sealed.indices.contains { sealed[$0...].starts(with: first) })
            try await store.rotate(partner.id, secret: second, oldSecretsExpireAt: future)
            var secrets = try await store.signingSecrets(for: north)
            #expect(secrets.map(\.key) == [second, first])
            #expect(secrets.map(\.expiresAt) == [nil, future])
            try await store.rotate(partner.id, secret: second, oldSecretsExpireAt: past)
            secrets = try await store.signingSecrets(for: north)
            #expect(secrets.map(\.key) == [second])
            let other = try await store.signingSecrets(for: fleetID("south"))
            #expect(other == [])
            try await store.revoke(partner.id)
            secrets = try await store.signingSecrets(for: north)
            #expect(secrets == [])
            let listed = try await store.partners()
            #expect(listed.first?.revokedAt != nil)
            try await store.add(partner, secret: first)
            let both = try await store.partners()
            #expect(both.count == 2)
        }
    }

    @Test func rotations_leaveTheSecretsOfOtherPartnersValid() async throws {
        try await StorageBench.with { bench in
            let store = bench.partners()
            try await store.add(try bench.partner("zenith"), secret: [100])
            try await store.add(try bench.partner("acme"), secret: [0])
            var ended: [Int] = []
            for round in 1...20 as ClosedRange<UInt8> {
                ended.append(
                    try await store.rotate(
                        bench.partner("acme").id, secret: [round], oldSecretsExpireAt: future))
            }
            let secrets = try await store.signingSecrets(for: north)
            #expect(secrets.map(\.key) == [[20], [100], [19], [18], [17]])
            #expect(ended == [0, 0, 0] + [Int](repeating: 1, count: 17))
        }
    }

    @Test func manySecretsOfOnePartner_leaveRoomForOtherPartners() async throws {
        try await StorageBench.with { bench in
            let store = bench.partners()
            for number in 0..<5 as Range<UInt8> {
                let partner = try bench.partner("partner-\(number)")
                try await store.add(partner, secret: [number, 0])
                for round in 1...3 as ClosedRange<UInt8> {
                    try await store.rotate(partner.id, secret: [number, round], oldSecretsExpireAt: future)
                }
            }
            let secrets = try await store.signingSecrets(for: north)
            #expect(secrets.count == 16)
            #expect(secrets.prefix(5).map(\.key) == (0..<5).reversed().map { [$0, 3] })
            #expect(Set(secrets.map(\.partnerID)).count == 5)
        }
    }

    @Test func fleet_isCrowded_withMoreSecretsThanAreTried() async throws {
        try await StorageBench.with { bench in
            let store = bench.partners()
            try await bench.fleets.add(Fleet(id: fleetID("south"), name: ""))
            var last = try bench.partner("acme")
            for number in 0..<16 {
                last.id = try #require(PartnerID("partner-\(number)"))
                last.fleets = number == 0 ? [north, fleetID("south")] : [north]
                try await store.add(last, secret: [UInt8(number)])
            }
            let first = try #require(PartnerID("partner-0"))
            var crowded = try await store.crowdedFleets(of: first)
            #expect(crowded == [:])
            try await store.rotate(last.id, secret: [99], oldSecretsExpireAt: future)
            crowded = try await store.crowdedFleets(of: first)
            #expect(crowded == [north: 17])
            try await store.rotate(last.id, secret: [100], oldSecretsExpireAt: past)
            crowded = try await store.crowdedFleets(of: first)
            #expect(crowded == [:])
            try await store.add(try bench.partner("acme"), secret: [101])
            crowded = try await store.crowdedFleets(of: bench.partner("acme").id)
            #expect(crowded == [north: 17])
            try await store.revoke(first)
            crowded = try await store.crowdedFleets(of: bench.partner("acme").id)
            #expect(crowded == [:])
        }
    }

    @Test func partner_isNotAdded_whenAFleetIsUnknown() async throws {
        try await StorageBench.with { bench in
            var partner = try bench.partner("acme")
            partner.fleets = [north, fleetID("nowhere")]
            let error = await #expect(throws: StoreError.self) {
                try await bench.partners().add(partner, secret: [1])
            }
            #expect(error?.kind == .notFound)
            #expect(error?.detail.contains("nowhere") == true)
            let count = try await bench.number("SELECT count(*) FROM partners")
            #expect(count == 0)
        }
    }

    @Test func limitsOfAPartner_areSetAndCleared() async throws {
        try await StorageBench.with { bench in
            let store = bench.partners()
            let partner = try bench.partner("acme")
            try await store.add(partner, secret: [1])
            let twice = await #expect(throws: StoreError.self) { try await store.add(partner, secret: [1]) }
            #expect(twice?.kind == .alreadyExists)
            let steps: [(fixes: LimitChange, requests: LimitChange, limits: PartnerLimits)] = [
                (.perSecond(5), .keep, PartnerLimits(fixesPerSecond: 5)),
                (
                    .keep, .perSecond(1_000_000),
                    PartnerLimits(fixesPerSecond: 5, requestsPerSecond: 1_000_000)
                ),
                (.lift, .keep, PartnerLimits(requestsPerSecond: 1_000_000)),
                (.perSecond(7), .lift, PartnerLimits(fixesPerSecond: 7)), (.lift, .lift, .none),
            ]
            for step in steps {
                let before = try await bench.fleets.revision()
                let set = try await store.set(
                    PartnerChange(fixesPerSecond: step.fixes, requestsPerSecond: step.requests),
                    of: partner.id)
                #expect(set.limits == step.limits && !set.requiresFleetID)
                let listed = try await store.partners()
                #expect(listed.map(\.settings.limits) == [step.limits] && listed.map(\.fleets) == [[north]])
                let secrets = try await store.signingSecrets(for: north)
                #expect(secrets.map(\.limits) == [step.limits])
                let after = try await bench.fleets.revision()
                #expect(after > before)
            }
            let unknown = try #require(PartnerID("unknown"))
            let error = await #expect(throws: StoreError.self) {
                try await store.set(PartnerChange(requestsPerSecond: .lift), of: unknown)
            }
            #expect(error?.kind == .notFound)
        }
    }

    @Test func fleetBinding_followsTheSettingsAndTheFleets() async throws {
        try await StorageBench.with { bench in
            let store = bench.partners()
            let south = try #require(FleetID("south"))
            let acme = try bench.partner("acme")
            try await bench.fleets.add(Fleet(id: south, name: ""))
            let both = Partner(id: try #require(PartnerID("both")), fleets: [north, south], createdAt: now)
            try await store.add(acme, secret: [1])
            try await store.add(both, secret: [2])
            func binding(of id: PartnerID) async throws -> FleetBinding? {
                try await store.signingSecrets(for: north).first { $0.partnerID == id }?.fleetBinding
            }
            var found = try await [binding(of: acme.id), binding(of: both.id)]
            #expect(found == [.oneFleet, .memory])

            let before = try await bench.fleets.revision()
            let limited = try await store.set(
                PartnerChange(fixesPerSecond: .perSecond(5), requiresFleetID: true), of: both.id)
            let expected = PartnerSettings(
                limits: PartnerLimits(fixesPerSecond: 5), requiresFleetID: true)
            #expect(limited == expected)
            let after = try await bench.fleets.revision()
            #expect(after > before)
            let kept = try await store.set(PartnerChange(requestsPerSecond: .lift), of: both.id)
            #expect(kept == expected)
            let listed = try await store.partners().first { $0.id == both.id }
            #expect(listed?.settings == expected)
            found = try await [binding(of: acme.id), binding(of: both.id)]
            #expect(found == [.oneFleet, .member])

            _ = try await store.set(PartnerChange(requiresFleetID: false), of: both.id)
            found = [try await binding(of: both.id)]
            #expect(found == [.memory])
            // A removed fleet does not count.
            try await bench.fleets.removeFleet(south)
            found = [try await binding(of: both.id)]
            #expect(found == [.oneFleet])
        }
    }

    @Test func useOfAPartner_isWrittenOncePerMinute_withoutANewRevision() async throws {
        try await StorageBench.with { bench in
            let store = bench.partners()
            let partner = try bench.partner("acme")
            try await store.add(partner, secret: [1])
            let before = try await bench.fleets.revision()
            for (second, seen) in [(0, 0), (59, 0), (60, 60)] {
                try await store.noteUse(of: partner.id, now: now.advanced(by: .seconds(second)))
                let used = try await bench.number(
                    "SELECT extract(epoch FROM last_used_at)::bigint FROM partners")
                #expect(used == now.milliseconds / 1000 + Int64(seen))
            }
            let after = try await bench.fleets.revision()
            #expect(after == before)
        }
    }

    @Test func secret_isLeftOut_whenItIsSealedUnderAnotherKey() async throws {
        try await StorageBench.with { bench in
            let partner = try bench.partner("acme")
            try await bench.partners(sealedBy: 8).add(partner, secret: [1, 2, 3])
            try await bench.partners().rotate(partner.id, secret: [4, 5, 6], oldSecretsExpireAt: future)
            let secrets = try await bench.partners().signingSecrets(for: north)
            #expect(secrets.map(\.key) == [[4, 5, 6]])
        }
    }

    @Test func tokens_noteTheirUse_andChangeTheRevision() async throws {
        try await StorageBench.with { bench in
            let tokens = PostgresTokenStore(pool: bench.pool)
            for (name, hash) in [("desk", 1), ("other", 2)] as [(String, UInt8)] {
                let token = Token(name: name, role: .viewer, scope: .all, createdAt: now)
                try await tokens.add(token, hash: [hash])
            }
            _ = try await tokens.tokens(hashes: [[1], [3]])
            let used = try await bench.text(
                "SELECT string_agg(name, ',') FROM tokens WHERE last_used_at IS NOT NULL")
            #expect(used == "desk")
            let before = try await bench.fleets.revision()
            try await tokens.revoke(name: "desk")
            let after = try await bench.fleets.revision()
            #expect(after > before)
        }
    }

    @Test func expiredSessions_areDeleted() async throws {
        try await StorageBench.with { bench in
            let tokens = PostgresTokenStore(pool: bench.pool)
            let sessions = PostgresSessionStore(pool: bench.pool)
            try await tokens.add(Token(name: "desk", role: .viewer, scope: .all, createdAt: now), hash: [1])
            for (hash, expiresAt) in [(8, past), (9, future)] as [(UInt8, Timestamp)] {
                _ = try await sessions.create(
                    hash: [hash], tokenName: "desk", expiresAt: expiresAt, keeping: 100)
            }
            try await sessions.deleteExpired(before: now)
            let count = try await bench.number("SELECT count(*) FROM sessions")
            #expect(count == 1)
        }
    }
}

struct CredentialTests {
    private func newSealer() -> SecretSealer { SecretSealer(key: Credentials.randomBytes(32)) }

    @Test func sealedSecret_opensOnlyUnderItsKeyAndForItsPartner() throws {
        let sealer = newSealer()
        let sealed = try sealer.seal([1, 2, 3], context: "acme")
        let opened = try sealer.open(sealed, under: sealer.keyID, context: "acme")
        #expect(opened == [1, 2, 3])
        #expect(throws: SecretSealer.Failure()) {
            try sealer.open(sealed, under: sealer.keyID, context: "other")
        }
        let other = newSealer()
        for keyID in [sealer.keyID, other.keyID] {
            #expect(throws: SecretSealer.Failure()) {
                try other.open(sealed, under: keyID, context: "acme")
            }
        }
        #expect(sealer.keyID != other.keyID)
    }

    @Test func olderKey_opensAndSealsNothing() throws {
        let (old, new) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        let before = SecretSealer(key: old)
        let sealer = SecretSealer(key: new, olderKeys: [old])
        let sealed = try before.seal([1, 2, 3], context: "acme")
        #expect(try sealer.open(sealed, under: before.keyID, context: "acme") == [1, 2, 3])
        #expect(sealer.keyID == SecretSealer(key: new).keyID && sealer.olderKeyIDs == [before.keyID])
        let again = try sealer.seal([1, 2, 3], context: "acme")
        #expect(throws: SecretSealer.Failure()) {
            try before.open(again, under: before.keyID, context: "acme")
        }
        #expect(try SecretSealer(key: new).open(again, under: sealer.keyID, context: "acme") == [1, 2, 3])
    }

    @Test func credentials_haveTheirForms() throws {
        let token = Credentials.makeToken()
        #expect(token.hasPrefix("hft_"))
        #expect(token.count == 47)
        #expect(token != Credentials.makeToken())
        let key = Credentials.makeSigningKey()
        #expect(Credentials.signingSecretText(key) == "whsec_" + Data(key).base64EncodedString())
        #expect(Hexadecimal.text(Credentials.hash("abc")).hasPrefix("ba7816bf8f01cfea414140de5dae2223"))
    }

    @Test func migrations_areAllThere_withTheirChecksums() {
        #expect(
            StorageMigrations.all.map(\.name) == [
                "initial", "record_fixes", "retention_clock", "record_fixes_remote_apply", "access",
            ])
        // Databases have these migrations already, so their bytes must never change.
        #expect(
            StorageMigrations.all.prefix(5).map(\.checksum) == [
                "1dd9107af4055d7251edb379a8a27bc3e8cc9da3c2d314243501d4dd745d2c01",
                "764352c796b8dc10e9949393e986c496a5ee1eab357be0fb88117a2dc911bd92",
                "7c50edddf8ae7f25943874ac7d09e51714e73a4adbdbaa83d5aeb7dc1e59ab3f",
                "3964a2351e1783107ee367c92b6c879a991bf40d594c8202cbe0a344df21ad1a",
                "4341e5f5fcfcd91f228569543e30a19f144d44a3c368190841e8a39e3394cf65",
            ])
        // A database in another encoding than UTF8 may have the older ones and must take the later ones too.
        for migration in StorageMigrations.all where migration.number >= 6 {
            #expect(migration.isASCII, "\(migration.label)")
        }
        for migration in StorageMigrations.all {
            let oldest = Migration.oldestBinary(in: migration.sql)
            #expect((1...migration.number).contains(oldest ?? 0), "-- oldest-binary: N in \(migration.label)")
        }
    }
}
