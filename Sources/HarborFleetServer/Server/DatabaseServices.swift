internal import EventLoops
internal import HarborFleet
internal import HarborFleetStorage
internal import Logging
internal import PrivatePostgres
internal import Supervision

/// The services of the database, from the private PostgreSQL to the partitions.
struct DatabaseServices: Sendable {
    let storage: StorageDatabase
    let partitions: PartitionMaintainer
    /// Seals and opens partners' secrets.
    let sealers: any SealerSource
    private let migrator: SchemaMigrator
    private let postgres: [Service]

    /// - Parameter isStopping: whether the whole process is ending.
    init(
        _ configuration: ServerConfiguration, on loop: EventLoop, recorderLoop: EventLoop, logger: Logger,
        isStopping: @escaping @Sendable () -> Bool
    ) throws {
        let cluster =
            configuration.databaseURL == nil
            ? PrivateCluster(
                dataDirectory: configuration.dataDirectory,
                maxConnections: configuration.databasePoolSize + 24, logger: logger) : nil
        let secretKey = try SecretKey.load(for: configuration)
        secretKey.warnIfGuessable(logger)
        storage = StorageDatabase(
            url: configuration.databaseURL?.value ?? cluster?.url ?? "",
            directURL: configuration.databaseDirectURL?.value, size: configuration.databasePoolSize,
            unitsInFlight: RecorderConfiguration().unitsInFlight, on: loop, recorderLoop: recorderLoop,
            logger: logger)
        sealers = secretKey.sealers(in: storage.pool)
        migrator = SchemaMigrator(
            pool: storage.directPool, gate: storage.gate, migrates: configuration.migratesOnStart,
            logger: logger)
        partitions = PartitionMaintainer(
            pool: storage.directPool, gate: storage.gate,
            retention: RetentionGuard(
                server: storage.names.recorder, fixDays: configuration.retentionDays,
                receiptDays: configuration.receiptRetentionDays),
            logger: logger, isStopping: isStopping)
        postgres = [cluster].compactMap(\.self).map { cluster in
            Service(
                ChildSpec(id: "postgres", shutdown: .seconds(30)) { context in
                    try await cluster.run(on: loop) { context.ready() }
                })
        }
    }

    /// - Parameter storeFailure: the reason why fixes could not be stored last.
    func services(storeFailure: @escaping @Sendable () -> StoreFailure?) -> [Service] {
        postgres + [
            storage.directService, migrator.service, storage.service(storeFailure: storeFailure),
            partitions.service,
        ]
    }
}
