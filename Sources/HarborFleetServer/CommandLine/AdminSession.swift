internal import HarborFleet
internal import HarborFleetStorage
internal import Postgres

/// The stores that commands read and change.
struct AdminStores: Sendable {
    let fleets: any FleetStore
    let tokens: any TokenStore
    private let pool: PostgresPool
    private let configuration: ServerConfiguration

    init(_ pool: PostgresPool, _ configuration: ServerConfiguration) {
        fleets = PostgresFleetStore(pool: pool)
        tokens = PostgresTokenStore(pool: pool)
        self.pool = pool
        self.configuration = configuration
    }

    var receipts: ReceiptList { ReceiptList(pool: pool) }

    /// Only who deals with partners' secrets needs the key that seals them.
    func partners() throws -> any PartnerStore {
        let key = try SecretKey.load(for: configuration)
        return PostgresPartnerStore(
            pool: pool, sealer: try SecretSealer(base64: key.base64), logger: DatabaseSession.logger)
    }
}

/// What the commands that change fleets, partners and tokens have in common.
enum AdminSession {
    /// Gives `body` the stores of the configured database.
    static func open<Value: Sendable>(
        _ settings: ConfigurationOptions, _ body: (AdminStores) async throws -> Value
    ) async throws -> Value {
        let configuration = try await settings.load()
        return try await DatabaseSession.open(configuration) { pool in
            try await checkSchema(in: pool, configuration)
            return try await body(AdminStores(pool, configuration))
        }
    }

    /// A database that never had a schema gets one, so that fleets and partners can be added before the first
    /// start. One that has an older schema is left to `serve` and `migrate`; one that this binary may not work with is
    /// refused.
    private static func checkSchema(in pool: PostgresPool, _ configuration: ServerConfiguration) async throws
    {
        let overview = try await pool.withConnection { connection in
            try await StorageMigrations.migrator.overview(on: connection)
        }
        if let problem = overview.problem { throw problem }
        guard configuration.migratesOnStart, overview.pending == overview.migrations.count else { return }
        guard configuration.databaseDirectURL != nil else { return try await migrate(pool) }
        // Past a PgBouncer: the migrator's lock belongs to a session.
        try await DatabaseSession.open(configuration, direct: true) { try await migrate($0) }
    }

    private static func migrate(_ pool: PostgresPool) async throws {
        try await pool.withConnection { connection in
            _ = try await StorageMigrations.migrator.apply(on: connection)
        }
    }
}
