package import HarborFleetAPI
package import Logging
package import Telemetry

/// All settings of the server, checked. Each setting names its default.
///
///     let configuration = try await ServerConfiguration.load(environment: ProcessInfo.processInfo.environment)
package struct ServerConfiguration: Sendable {
    /// The address of a listener.
    package struct ListenAddress: Sendable, Equatable {
        /// A numeric IPv4 or IPv6 address.
        package var host: String
        /// 0 lets the kernel choose.
        package var port: UInt16
    }

    /// `HARBOR_DATA_DIR`, made absolute: it holds the private PostgreSQL and the generated key. Default
    /// `./data`.
    package var dataDirectory: String
    /// Whether `dataDirectory` was set explicitly, so that it is not the default.
    package var isDataDirectoryNamed: Bool
    /// `HARBOR_HTTP_HOST`, `HARBOR_HTTP_PORT`. Default `0.0.0.0:8080`; `127.0.0.1` in the demo.
    package var publicAddress: ListenAddress
    /// `HARBOR_OPS_HOST`, `HARBOR_OPS_PORT`. Default `127.0.0.1:8081`.
    package var operationsAddress: ListenAddress
    /// `DATABASE_URL`, a libpq URI or keywords. Default: the private PostgreSQL under `dataDirectory`.
    package var databaseURL: Secret?
    /// `DATABASE_DIRECT_URL`: a way past a PgBouncer, for migrations and the partition keeper. Default:
    /// `databaseURL`.
    package var databaseDirectURL: Secret?
    /// `HARBOR_DATABASE_POOL_SIZE`, 1…1,000 connections. Default 4.
    package var databasePoolSize: Int
    /// `HARBOR_MIGRATE`: whether `serve` applies pending migrations first. Default true.
    package var migratesOnStart: Bool
    /// `HARBOR_LOG_LEVEL`: trace, debug, info, notice, warning, error, critical. Default info.
    package var logLevel: Logger.Level
    /// `HARBOR_LOG_FORMAT`: json or text. Default json.
    package var logFormat: LogFormat
    /// `HARBOR_PUBLIC_READ`: whether reads need no token. Default false; true in the demo.
    package var publicRead: Bool
    /// `HARBOR_OFFLINE_AFTER_S`, 0.1 s … 30 days: a vehicle is offline when its newest fix arrived longer ago.
    /// Default 300 s.
    package var offlineAfter: Duration
    /// `HARBOR_RETENTION_DAYS`, 1…3,650: days for which fixes are kept. Default 90.
    package var retentionDays: Int
    /// `HARBOR_RECEIPT_RETENTION_DAYS`, 1…3,650: days for which receipts of POSTs are kept. Default:
    /// `retentionDays`.
    package var receiptRetentionDays: Int
    /// `HARBOR_RECONCILE_S`, 0.1 s … 1 hour: the longest time for which a status may differ from the table.
    /// Default 30 s.
    package var reconcileInterval: Duration
    /// `HARBOR_TRUSTED_PROXIES`: addresses and networks (`10.0.0.0/8`) whose X-Forwarded-For counts. Default
    /// none.
    package var trustedProxies: [String]
    /// `HARBOR_ALLOWED_ORIGINS`: origins of other web pages that may read like the server's own pages. Default
    /// none.
    package var allowedOrigins: [WebOrigin]
    /// `HARBOR_HSTS_S`, 0 s … 10 years: the max-age of Strict-Transport-Security over TLS (RFC 6797). Default
    /// nil: no field.
    package var strictTransportSeconds: Int?
    /// `HARBOR_MAX_CONNECTIONS`, 1…10,000,000. Default nil: as many as the descriptor limit allows.
    package var maxConnections: Int?
    /// `HARBOR_MAX_CONNECTIONS_PER_ADDRESS`; 0 means no limit. Default 1,000. It does not apply to trusted
    /// proxies and loopback peers.
    package var maxConnectionsPerAddress: Int
    /// `HARBOR_MAX_VEHICLES_PER_FLEET`, 1…10,000,000. Default 100,000.
    package var maxVehiclesPerFleet: Int
    /// `HARBOR_EVENT_LOOPS`, 1…1,024. Default: one per core that this process may use. With exactly that number
    /// each loop is pinned to one core.
    package var eventLoopCount: Int
    /// `HARBOR_DRAIN_DELAY_S`, 0…3,600 s from SIGTERM until the listeners stop accepting, never longer than
    /// `drainTimeout`. Default 5 s; none in the demo.
    package var drainDelay: Duration
    /// `HARBOR_DRAIN_TIMEOUT_S`, 0…3,600 s from the signal to the end of the last connection. Default 20 s.
    package var drainTimeout: Duration
    /// `HARBOR_KEEP_ALIVE_S`, 1…86,400 s between two requests of a connection. Default 75 s: a proxy in front of
    /// the server should be the side that closes idle connections, and nginx and ALB do so after 60 s.
    package var keepAlive: Duration
    /// `HARBOR_MAP_TILES`, an http(s) template with `{z}`, `{x}` and `{y}`. Default nil: no tiles.
    package var mapTiles: String?
    /// `HARBOR_SECRET_KEY`. Default nil: the key is made in the data directory, see `SecretKey`.
    package var secretKey: Secret?
    /// `HARBOR_TEST_ENDPOINTS`: adds `/test/…`. Default false, and always false in the demo.
    package var testEndpoints: Bool
    /// Variables that Kubernetes made for a Service and that look like settings, by name.
    package var ignoredVariables: [IgnoredVariable]
}
