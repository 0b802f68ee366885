/// The settings that exist. A raw value is the key in the configuration file; `variable` is the same one's name
/// in the environment.
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

    /// Before every variable but the two that hosting platforms set themselves.
    static let prefix = "HARBOR_"

    /// The name in the environment: `HARBOR_HTTP_PORT` of `http_port`; `DATABASE_URL` stands without the prefix.
    var variable: String {
        isPlain ? rawValue.uppercased() : Self.prefix + rawValue.uppercased()
    }

    /// Whether the variable has no `HARBOR_` before it.
    var isPlain: Bool {
        self == .databaseURL || self == .databaseDirectURL
    }

    /// Whether the value may be read from the file that `NAME_FILE` names, as container platforms hand over secrets.
    var isSecret: Bool {
        isPlain || self == .secretKey
    }

    /// The keys of a configuration file, the `…_file` of the secrets included.
    static var keys: Set<String> {
        Set(allCases.flatMap { $0.isSecret ? [$0.rawValue, $0.rawValue + "_file"] : [$0.rawValue] })
    }

    /// Of `harbor-fleet simulate`: the signing secret that it posts with. No setting of a server, but no unknown name.
    package static let simulateSecretVariable = prefix + "SIMULATE_SECRET"

    /// The variables, the `…_FILE` of the secrets included.
    static var variables: Set<String> {
        let own = allCases.flatMap { $0.isSecret ? [$0.variable, $0.variable + "_FILE"] : [$0.variable] }
        return Set(own + [simulateSecretVariable, simulateSecretVariable + "_FILE"])
    }
}
