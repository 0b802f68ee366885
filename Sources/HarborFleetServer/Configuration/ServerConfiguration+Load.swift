internal import FoundationEssentials
internal import Logging
internal import Postgres
internal import Processes
internal import Telemetry

extension ServerConfiguration {
    /// Reads and checks all settings: the environment first, then the configuration file, then the defaults.
    /// - Parameters:
    ///   - environment: the process's variables.
    ///   - file: the path from `--config`; nil for `Config/harbor-fleet.json`, which may be missing.
    ///   - demo: changes some defaults, never a value that is set: public read, 127.0.0.1, no drain delay.
    /// - Throws: `ConfigurationError`, at the first setting that is unknown or malformed.
    package static func load(
        environment: [String: String], file: String? = nil, demo: Bool = false
    ) async throws(ConfigurationError) -> ServerConfiguration {
        let file = try ConfigurationFile(namedPath: file)
        return try ServerConfiguration(SettingsReader(environment: environment, file: file), demo: demo)
    }

    private init(_ settings: SettingsReader, demo: Bool) throws(ConfigurationError) {
        let millions = 10_000_000
        dataDirectory = try settings.directory(.dataDirectory) ?? settings.absolute("data")
        publicAddress = ListenAddress(
            host: try settings.host(.httpHost) ?? (demo ? "127.0.0.1" : "0.0.0.0"),
            port: try settings.port(.httpPort) ?? 8_080)
        operationsAddress = ListenAddress(
            host: try settings.host(.operationsHost) ?? "127.0.0.1",
            port: try settings.port(.operationsPort) ?? 8_081)
        databaseURL = try Self.connectionString(.databaseURL, settings)
        databaseDirectURL = try Self.connectionString(.databaseDirectURL, settings)
        databasePoolSize = try settings.integer(.databasePoolSize, in: 1...1_000) ?? 4
        migratesOnStart = try settings.flag(.migrate) ?? true
        logLevel = try settings.choice(.logLevel) ?? .info
        logFormat = try settings.choice(.logFormat) ?? .json
        publicRead = try settings.flag(.publicRead) ?? demo
        offlineAfter = try settings.seconds(.offlineAfter, in: 0.1...2_592_000) ?? .seconds(300)
        retentionDays = try settings.integer(.retentionDays, in: 1...3_650) ?? 90
        receiptRetentionDays = try settings.integer(.receiptRetentionDays, in: 1...3_650) ?? retentionDays
        reconcileInterval = try settings.seconds(.reconcile, in: 0.1...3_600) ?? .seconds(30)
        trustedProxies = try settings.networks(.trustedProxies) ?? []
        allowedOrigins = try settings.origins(.allowedOrigins) ?? []
        strictTransportSeconds = try settings.integer(.strictTransport, in: 0...315_360_000)
        maxConnections = try settings.integer(.maxConnections, in: 1...millions)
        maxConnectionsPerAddress = try settings.integer(.maxConnectionsPerAddress, in: 0...millions) ?? 1_000
        maxVehiclesPerFleet = try settings.integer(.maxVehiclesPerFleet, in: 1...millions) ?? 100_000
        eventLoopCount =
            try settings.integer(.eventLoops, in: 1...1_024)
            // Not the number of processors online: a container or taskset(1) may leave this process fewer.
            ?? min(max(ProcessorAffinity.processors().count, 1), 1_024)
        drainTimeout = try settings.seconds(.drainTimeout, in: 0...3_600) ?? .seconds(20)
        let delay = try settings.seconds(.drainDelay, in: 0...3_600) ?? (demo ? .zero : .seconds(5))
        drainDelay = min(delay, drainTimeout)
        mapTiles = try settings.tileTemplate(.mapTiles)
        secretKey = try settings.secret(.secretKey)
        testEndpoints = try settings.flag(.testEndpoints) ?? false
        if demo { testEndpoints = false }
        keepAlive = try settings.seconds(.keepAlive, in: 1...86_400) ?? .seconds(75)
        isDataDirectoryNamed = settings.isSet(.dataDirectory)
        ignoredVariables = settings.ignored
        if let secretKey { try SecretKey.check(secretKey, setting: settings.label(.secretKey)) }
    }

    /// Checked here, because waiting for the database would not make an unreadable connection string readable.
    private static func connectionString(
        _ name: SettingName, _ settings: SettingsReader
    ) throws(ConfigurationError) -> Secret? {
        guard let secret = try settings.secret(name) else { return nil }
        guard ConnectionString.isValid(secret.value) else {
            throw .malformed(
                setting: settings.label(name), expected: "a PostgreSQL URI or keywords that libpq can read")
        }
        return secret
    }
}

extension Logger.Level: SettingChoice {}
extension LogFormat: SettingChoice {}
