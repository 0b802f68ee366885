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
    /// Gives `body` the stores of the configured database, whose schema is current.
    static func open<Value: Sendable>(
        _ settings: ConfigurationOptions, _ body: (AdminStores) async throws -> Value
    ) async throws -> Value {
        let configuration = try await settings.load()
        return try await DatabaseSession.open(configuration) { pool in
            try await SchemaWait(pool: pool, configuration: configuration).run()
            return try await body(AdminStores(pool, configuration))
        }
    }
}
