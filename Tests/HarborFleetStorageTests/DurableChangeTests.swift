import FleetAccess
import HarborFleet
import HarborFleetTesting
import Postgres
import Testing

@testable import HarborFleetStorage

/// An acknowledged change is on disk, also where the default of the database lets commits wait.
@Suite(.timeLimit(.minutes(2))) struct DurableChangeTests {
    private static let tables = [
        "fleets", "vehicles", "partners", "partner_fleets", "partner_secrets", "tokens", "token_fleets",
        "sessions",
    ]

    /// Makes each change of these tables record the setting of its commit.
    private func watch(_ bench: StorageBench) async throws {
        let triggers = Self.tables.map {
            """
            CREATE TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON \($0) FOR EACH STATEMENT EXECUTE FUNCTION see();
            """
        }
        try await bench.execute(
            """
            CREATE TABLE seen (name text, setting text);
            CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO seen VALUES (TG_TABLE_NAME || ' ' || TG_OP, current_setting('synchronous_commit'));
                RETURN NULL;
            END $$;
            \(triggers.joined())
            """)
    }

    private func changeEverything(_ pool: PostgresPool, _ bench: StorageBench) async throws {
        let (fleets, tokens) = (PostgresFleetStore(pool: pool), PostgresTokenStore(pool: pool))
        let partners = PostgresPartnerStore(
            pool: pool, sealer: SecretSealer(key: [UInt8](repeating: 7, count: 32)),
            logger: bench.database.logger)
        let sessions = PostgresSessionStore(pool: pool)
        let (now, future) = (StorageBench.now, StorageBench.now.advanced(by: .seconds(86_400 * 3_650)))
        let (acme, south) = (try #require(PartnerID("acme")), fleetID("south"))
        try await fleets.add(Fleet(id: south, name: "South"))
        try await partners.add(Partner(id: acme, fleets: [south], createdAt: now), secret: [1])
        try await partners.rotate(acme, secret: [2], oldSecretsExpireAt: future)
        _ = try await partners.set(PartnerChange(requestsPerSecond: .perSecond(5)), of: acme)
        try await partners.revoke(acme)
        let token = Token(name: "desk", role: .viewer, scope: .fleets([south]), createdAt: now)
        try await tokens.add(token, hash: [1, 2])
        _ = try await sessions.create(hash: [3], tokenName: "desk", expiresAt: future, keeping: 100)
        try await sessions.delete(hash: [3])
        try await tokens.revoke(name: "desk")
        _ = try await bench.fixes.record([post([try fix("a", 0)])])
        try await bench.execute("DELETE FROM seen WHERE name = 'vehicles INSERT'")
        try await fleets.removeVehicle(try #require(VehicleID("a")), of: StorageBench.north)
        try await fleets.removeFleet(south)
    }

    @Test(arguments: [
        ("off", "on"), ("local", "on"), ("remote_write", "on"), ("on", "on"),
        ("remote_apply", "remote_apply"),
    ])
    func everyChange_isDurable_andAStrongerSettingStays(
        setting: String, expected: String
    ) async throws {
        try await StorageBench.with { bench in
            try await watch(bench)
            var configuration = bench.database.configuration
            configuration.url += " options='-c synchronous_commit=\(setting)'"
            let pool = bench.database.startPool(configuration, size: 1)
            try await changeEverything(pool, bench)
            let after = try await pool.text("SHOW synchronous_commit")
            #expect(after == setting)
            await pool.stop()
            let settings = try await bench.text("SELECT string_agg(DISTINCT setting, ',') FROM seen")
            #expect(settings == expected)
            let names = try await bench.number("SELECT count(DISTINCT split_part(name, ' ', 1)) FROM seen")
            #expect(names == Int64(Self.tables.count))
        }
    }
}
