extension SettingName {
    /// The configuration guide's table. `make record-names` writes it there.
    package static var guideTable: String {
        let rows = allCases.map { setting in
            let (defaultValue, effect) = setting.guideTexts
            return "| `\(setting.variable)` | \(defaultValue) | \(effect) |\n"
        }
        return "| name | default | what it does |\n|---|---|---|\n" + rows.joined()
    }

    /// What the configuration guide says of the setting, in Markdown: the default, as a value in back quotes or in
    /// words, and what the setting does, with its unit and its range.
    package var guideTexts: (defaultValue: String, effect: String) {
        switch self {
        case .dataDirectory: ("`./data`", "the directory of the private PostgreSQL and of the generated key")
        case .httpHost: ("`0.0.0.0`", "the address of the public listener; 127.0.0.1 with `--demo`")
        case .httpPort: ("`8080`", "the port of the public listener; 0 lets the kernel choose")
        case .operationsHost: ("`127.0.0.1`", "the address of the operations listener")
        case .operationsPort: ("`8081`", "the port of the operations listener")
        case .databaseURL: ("a private PostgreSQL", "the database, as a libpq URI or keywords")
        case .databaseDirectURL:
            ("`DATABASE_URL`", "the database past a PgBouncer, for migrations and partitions")
        case .databasePoolSize: ("`4`", "connections for queries, 1 to 1,000; the recorder has its own three")
        case .migrate: ("`true`", "whether `serve` applies pending migrations")
        case .logLevel: ("`info`", "`trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`")
        case .logFormat: ("`json`", "`json` or `text`")
        case .publicRead: ("`false`", "reads need no token; true with `--demo`")
        case .offlineAfter: ("`300`", "seconds of silence that make a vehicle offline, 0.1 to 30 days")
        case .retentionDays: ("`90`", "days that fixes are kept, 1 to 3,650")
        case .receiptRetentionDays:
            ("`HARBOR_RETENTION_DAYS`", "days that receipts of POSTs are kept, 1 to 3,650")
        case .reconcile: ("`30`", "seconds that memory may differ from the table, 0.1 to 3,600")
        case .trustedProxies: ("none", "addresses and networks whose `X-Forwarded-…` headers count")
        case .allowedOrigins:
            ("none", "origins of other sites whose pages may read: `https://map.example`, a list")
        case .strictTransport:
            ("none", "`max-age` of `Strict-Transport-Security`, sent over TLS as a trusted proxy reports it")
        case .maxConnections: ("from the descriptor limit", "connections of the public listener")
        case .maxConnectionsPerAddress: ("`1000`", "connections of one address, 0 for no limit")
        case .maxVehiclesPerFleet: ("`100000`", "vehicles of one fleet; a further new vehicle is rejected")
        case .eventLoops: ("one per core", "event loops, 1 to 1,024")
        case .drainDelay: ("`5`", "seconds between SIGTERM and the end of accepting; 0 with `--demo`")
        case .drainTimeout: ("`20`", "seconds from the signal to the end of the last connection")
        case .keepAlive: ("`75`", "seconds that a connection may be idle between two requests, 1 to 86,400")
        case .mapTiles: ("none", "a tile server: `https://tiles.example/{z}/{x}/{y}.png`")
        case .secretKey: ("made in `HARBOR_DATA_DIR`", "the key that seals partners' secrets")
        case .testEndpoints:
            ("`false`", "adds `/test/echo` and `/test/post` for conformance suites; never with `--demo`")
        }
    }
}
