/// The settings. A raw value is the key in the configuration file; `variable` is the setting's name in the
/// environment.
package enum SettingName: String, CaseIterable {
    case dataDirectory = "data_dir"
    case httpHost = "http_host"
    case httpPort = "http_port"
    case operationsHost = "ops_host"
    case operationsPort = "ops_port"
    case databaseURL = "database_url"
    case databaseDirectURL = "database_direct_url"
    case databasePoolSize = "database_pool_size"
    case migrate = "migrate"
    case logLevel = "log_level"
    case logFormat = "log_format"
    case publicRead = "public_read"
    case offlineAfter = "offline_after_s"
    case retentionDays = "retention_days"
    case receiptRetentionDays = "receipt_retention_days"
    case reconcile = "reconcile_s"
    case trustedProxies = "trusted_proxies"
    case allowedOrigins = "allowed_origins"
    case strictTransport = "hsts_s"
    case maxConnections = "max_connections"
    case maxConnectionsPerAddress = "max_connections_per_address"
    case maxVehiclesPerFleet = "max_vehicles_per_fleet"
    case eventLoops = "event_loops"
    case drainDelay = "drain_delay_s"
    case drainTimeout = "drain_timeout_s"
    case keepAlive = "keep_alive_s"
    case mapTiles = "map_tiles"
    case secretKey = "secret_key"
    case testEndpoints = "test_endpoints"

    /// The prefix of every variable but the two that hosting platforms set themselves.
    static let prefix = "HARBOR_"

    /// The name in the environment: `HARBOR_HTTP_PORT` for `http_port`; `DATABASE_URL` has no prefix.
    var variable: String {
        isPlain ? rawValue.uppercased() : Self.prefix + rawValue.uppercased()
    }

    /// Whether the variable has no `HARBOR_` in front.
    var isPlain: Bool {
        self == .databaseURL || self == .databaseDirectURL
    }

    /// Whether the value may come from the file that `NAME_FILE` names, as container platforms provide secrets.
    var isSecret: Bool {
        isPlain || self == .secretKey
    }

    /// The keys of a configuration file, the `…_file` of the secrets included.
    static var keys: Set<String> {
        Set(allCases.flatMap { $0.isSecret ? [$0.rawValue, $0.rawValue + "_file"] : [$0.rawValue] })
    }

    /// For `harbor-fleet simulate`: the signing secret for its POSTs. It is no setting of a server, but not
    /// unknown either.
    package static let simulateSecretVariable = prefix + "SIMULATE_SECRET"

    /// The variables, the `…_FILE` of the secrets included.
    static var variables: Set<String> {
        let own = allCases.flatMap { $0.isSecret ? [$0.variable, $0.variable + "_FILE"] : [$0.variable] }
        return Set(own + [simulateSecretVariable, simulateSecretVariable + "_FILE"])
    }
}
