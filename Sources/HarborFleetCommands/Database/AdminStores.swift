internal import FleetAccess
internal import HarborFleet
internal import HarborFleetServer
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

    /// For everything that needs no partner's secret.
    var partners: any PartnerStore {
        PostgresPartnerStore(pool: pool, sealer: nil, logger: DatabaseSession.logger)
    }

    /// For commands that make new secrets.
    /// - Throws: `CommandFailure` when there is no key, or it is not the server's key: no server could use such
    ///   a secret.
    func sealingPartners() async throws -> any PartnerStore {
        let sealed = try await SealedSecrets(in: pool)
        let existing = try SecretKey.existing(for: configuration)
        let key = if let existing { existing } else { try await makeKey(sealed) }
        let sealer = try await key.sealers(in: pool).sealer()
        guard sealed.isEmpty || sealed.hasAny(under: sealer.keyIDs) else {
            throw CommandFailure(
                """
                the secrets in the database are sealed under another key than \(keyPlace), so the server could not \
                open a new one. Run this with the server's HARBOR_SECRET_KEY or HARBOR_DATA_DIR. If the server's key \
                was changed, first revoke the partners of the old key: \(sealed.partners(notUnder: sealer.keyIDs))
                """)
        }
        return PostgresPartnerStore(pool: pool, sealer: sealer, logger: DatabaseSession.logger)
    }

    /// Makes only the first key, and none where a server runs already: that server has another key. The private
    /// PostgreSQL has the same data directory as its server, so there is no such question.
    private func makeKey(_ sealed: SealedSecrets) async throws -> SecretKey {
        var mayMake = sealed.isEmpty
        if mayMake, configuration.databaseURL != nil {
            mayMake = try await !SessionNames.serverIsThere(in: pool)
        }
        guard mayMake else {
            throw CommandFailure(
                """
                no key to seal the secret with: neither HARBOR_SECRET_KEY nor \(keyPlace) exists. Run this with the \
                server's HARBOR_SECRET_KEY or HARBOR_DATA_DIR; without HARBOR_SECRET_KEY a server makes its key when \
                it starts for the first time
                """)
        }
        let key = try SecretKey.load(for: configuration)
        // The database may be on any machine, so the server must be configured to use the same key.
        if configuration.databaseURL != nil {
            StandardStreams.writeError("made the key \(keyPlace): the server needs the same HARBOR_DATA_DIR")
        }
        return key
    }

    private var keyPlace: String {
        configuration.secretKey == nil
            ? "\(configuration.dataDirectory)/\(SecretKey.fileName)" : "HARBOR_SECRET_KEY"
    }
}
