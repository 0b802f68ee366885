import Foundation
import HarborFleetTesting
import Testing

@testable import HarborFleetServer

@Suite(.timeLimit(.minutes(1))) struct ServerConfigurationTests {
    /// Loads a configuration without the file of the checkout.
    private func load(
        _ environment: [String: String] = [:], file: String = "{}", demo: Bool = false
    ) async throws -> ServerConfiguration {
        let directory = try TemporaryDirectory()
        let path = try directory.write(file, to: "settings.json")
        return try await ServerConfiguration.load(environment: environment, file: path, demo: demo)
    }

    private func problem(
        _ environment: [String: String] = [:], file: String = "{}"
    ) async throws -> String {
        do {
            _ = try await load(environment, file: file)
            return "no error"
        } catch let error as ConfigurationError {
            return error.description
        }
    }

    @Test func configuration_hasTheDefaults_whenNothingIsSet() async throws {
        let configuration = try await load()
        #expect(configuration.publicAddress == .init(host: "0.0.0.0", port: 8_080))
        #expect(configuration.operationsAddress == .init(host: "127.0.0.1", port: 8_081))
        #expect(configuration.dataDirectory == FileManager.default.currentDirectoryPath + "/data")
        #expect(configuration.databaseURL == nil && configuration.databaseDirectURL == nil)
        #expect(configuration.databasePoolSize == 4 && configuration.migratesOnStart)
        #expect(configuration.logLevel == .info && configuration.logFormat == .json)
        #expect(configuration.publicRead == false && configuration.testEndpoints == false)
        #expect(
            configuration.offlineAfter == .seconds(300) && configuration.reconcileInterval == .seconds(30))
        #expect(configuration.retentionDays == 90 && configuration.maxVehiclesPerFleet == 100_000)
        #expect(configuration.receiptRetentionDays == 90)
        #expect(configuration.maxConnections == nil && configuration.maxConnectionsPerAddress == 1_000)
        #expect(configuration.drainDelay == .seconds(5) && configuration.drainTimeout == .seconds(20))
        #expect(configuration.trustedProxies.isEmpty && configuration.mapTiles == nil)
        #expect(configuration.allowedOrigins.isEmpty && configuration.strictTransportSeconds == nil)
        #expect(configuration.eventLoopCount >= 1 && configuration.secretKey == nil)
        #expect(configuration.keepAlive == .seconds(75) && !configuration.isDataDirectoryNamed)
        #expect(configuration.ignoredVariables == [])
    }

    @Test func everyVariable_isRead() async throws {
        let configuration = try await load([
            "HARBOR_DATA_DIR": "/srv/./harbor//data", "HARBOR_HTTP_HOST": "::1", "HARBOR_HTTP_PORT": "0",
            "HARBOR_OPS_HOST": "localhost", "HARBOR_OPS_PORT": "65535", "DATABASE_URL": "postgresql://a/b",
            "DATABASE_DIRECT_URL": "host=/run dbname=b", "HARBOR_DATABASE_POOL_SIZE": "9",
            "HARBOR_MIGRATE": "false", "HARBOR_LOG_LEVEL": "DEBUG", "HARBOR_LOG_FORMAT": "text",
            "HARBOR_PUBLIC_READ": "true", "HARBOR_OFFLINE_AFTER_S": "2.5", "HARBOR_RETENTION_DAYS": "7",
            "HARBOR_RECEIPT_RETENTION_DAYS": "30",
            "HARBOR_RECONCILE_S": "1", "HARBOR_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "HARBOR_ALLOWED_ORIGINS": "https://Map.example:443, http://[::1]:8080",
            "HARBOR_HSTS_S": "31536000",
            "HARBOR_MAX_CONNECTIONS": "500", "HARBOR_MAX_CONNECTIONS_PER_ADDRESS": "50",
            "HARBOR_MAX_VEHICLES_PER_FLEET": "12", "HARBOR_EVENT_LOOPS": "3", "HARBOR_DRAIN_DELAY_S": "1",
            "HARBOR_DRAIN_TIMEOUT_S": "9", "HARBOR_KEEP_ALIVE_S": "620",
            "HARBOR_MAP_TILES": "https://tiles.example/{z}/{x}/{y}.png",
            "HARBOR_SECRET_KEY": String(repeating: "ab", count: 32), "HARBOR_TEST_ENDPOINTS": "true",
            "PATH": "/bin", "HARBORMASTER": "is not a setting",
            "HARBOR_SIMULATE_SECRET": "another command's", "HARBOR_SIMULATE_SECRET_FILE": "too",
        ])
        #expect(configuration.dataDirectory == "/srv/harbor/data" && configuration.isDataDirectoryNamed)
        #expect(configuration.keepAlive == .seconds(620))
        #expect(configuration.publicAddress == .init(host: "::1", port: 0))
        #expect(configuration.operationsAddress == .init(host: "127.0.0.1", port: 65_535))
        #expect(configuration.databaseURL?.value == "postgresql://a/b")
        #expect(configuration.databaseDirectURL?.value == "host=/run dbname=b")
        #expect(configuration.databasePoolSize == 9 && !configuration.migratesOnStart)
        #expect(configuration.logLevel == .debug && configuration.logFormat == .text)
        #expect(configuration.publicRead && configuration.testEndpoints)
        #expect(configuration.offlineAfter == .milliseconds(2_500) && configuration.retentionDays == 7)
        #expect(configuration.receiptRetentionDays == 30)
        #expect(configuration.reconcileInterval == .seconds(1))
        #expect(configuration.trustedProxies == ["10.0.0.0/8", "::1"])
        #expect(
            configuration.allowedOrigins.map(\.description) == ["https://map.example", "http://[::1]:8080"])
        #expect(configuration.strictTransportSeconds == 31_536_000)
        #expect(configuration.maxConnections == 500 && configuration.maxConnectionsPerAddress == 50)
        #expect(configuration.maxVehiclesPerFleet == 12 && configuration.eventLoopCount == 3)
        #expect(configuration.drainDelay == .seconds(1) && configuration.drainTimeout == .seconds(9))
        #expect(configuration.mapTiles == "https://tiles.example/{z}/{x}/{y}.png")
        #expect(try SecretKey.load(for: configuration).bytes == [UInt8](repeating: 0xAB, count: 32))
    }

    @Test func variable_comesBeforeTheFile_andTheFileBeforeTheDefault() async throws {
        let file = #"""
            {"http_port": 9000, "ops_port": 9001, "public_read": true, "log_format": "text",
             "trusted_proxies": ["127.0.0.1"], "offline_after_s": 12.5, "database_url": "dbname=x"}
            """#
        let configuration = try await load(["HARBOR_HTTP_PORT": "9100"], file: file)
        #expect(configuration.publicAddress.port == 9_100 && configuration.operationsAddress.port == 9_001)
        #expect(configuration.publicRead && configuration.logFormat == .text)
        #expect(configuration.trustedProxies == ["127.0.0.1"])
        #expect(configuration.offlineAfter == .milliseconds(12_500))
        #expect(configuration.databaseURL?.value == "dbname=x")
    }

    @Test func demo_changesDefaultsOnly() async throws {
        let plain = try await load(["HARBOR_TEST_ENDPOINTS": "true"], demo: true)
        #expect(plain.publicRead && plain.publicAddress.host == "127.0.0.1" && plain.drainDelay == .zero)
        #expect(!plain.testEndpoints, "never in the demo")
        let set = try await load(
            ["HARBOR_PUBLIC_READ": "false", "HARBOR_HTTP_HOST": "0.0.0.0"], file: #"{"drain_delay_s": 3}"#,
            demo: true)
        #expect(!set.publicRead && set.publicAddress.host == "0.0.0.0" && set.drainDelay == .seconds(3))
    }

    @Test func drainDelay_isAtMostTheTimeout() async throws {
        let configuration = try await load(["HARBOR_DRAIN_TIMEOUT_S": "2"])
        #expect(configuration.drainDelay == .seconds(2))
    }

    @Test(arguments: [
        ("HARBOR_HTTP_PORT", "http"), ("HARBOR_HTTP_PORT", "65536"), ("HARBOR_HTTP_PORT", "-1"),
        ("HARBOR_HTTP_PORT", " "), ("HARBOR_HTTP_PORT", "80 "), ("HARBOR_OPS_PORT", "8081.5"),
        ("HARBOR_HTTP_HOST", "example.org"), ("HARBOR_KEEP_ALIVE_S", "0"), ("HARBOR_KEEP_ALIVE_S", "1m"),
        ("HARBOR_DATABASE_POOL_SIZE", "0"), ("HARBOR_DATABASE_POOL_SIZE", "1001"),
        ("HARBOR_MIGRATE", "maybe"),
        ("HARBOR_LOG_LEVEL", "loud"), ("HARBOR_LOG_FORMAT", "xml"), ("HARBOR_PUBLIC_READ", "on!"),
        ("HARBOR_OFFLINE_AFTER_S", "nan"), ("HARBOR_OFFLINE_AFTER_S", "inf"), ("HARBOR_OFFLINE_AFTER_S", "0"),
        ("HARBOR_RETENTION_DAYS", "0"), ("HARBOR_RETENTION_DAYS", "90d"),
        ("HARBOR_RECEIPT_RETENTION_DAYS", "0"), ("HARBOR_RECONCILE_S", "-3"),
        ("HARBOR_TRUSTED_PROXIES", "10.0.0.0/33"), ("HARBOR_TRUSTED_PROXIES", "::ffff:10.0.0.0/104"),
        ("HARBOR_TRUSTED_PROXIES", "proxy"),
        ("HARBOR_ALLOWED_ORIGINS", "map.example"), ("HARBOR_ALLOWED_ORIGINS", "https://map.example/"),
        ("HARBOR_ALLOWED_ORIGINS", "*"), ("HARBOR_ALLOWED_ORIGINS", "null"),
        ("HARBOR_ALLOWED_ORIGINS", "https://*.example"), ("HARBOR_ALLOWED_ORIGINS", "ftp://map.example"),
        ("HARBOR_ALLOWED_ORIGINS", "https://map.example:0x1bb"), ("HARBOR_ALLOWED_ORIGINS", "https://a b"),
        ("HARBOR_HSTS_S", "-1"), ("HARBOR_HSTS_S", "1y"),
        ("HARBOR_MAX_CONNECTIONS", "0"), ("HARBOR_MAX_CONNECTIONS_PER_ADDRESS", "-1"),
        ("HARBOR_MAX_VEHICLES_PER_FLEET", "99999999999999999999"), ("HARBOR_EVENT_LOOPS", "0"),
        ("HARBOR_DRAIN_DELAY_S", "5s"), ("HARBOR_DRAIN_TIMEOUT_S", "3601"),
        ("HARBOR_MAP_TILES", "https://tiles.example/"), ("HARBOR_SECRET_KEY", "short"),
        ("HARBOR_MAP_TILES", "https://x/{z}/{x}/{y}; script-src *"), ("HARBOR_TEST_ENDPOINTS", "2"),
        ("DATABASE_URL", "foo=sekret"), ("DATABASE_DIRECT_URL", "postgresql://[u"),
    ])
    func start_fails_withAMalformedVariable(name: String, value: String) async throws {
        let problem = try await problem([name: value])
        #expect(problem.hasPrefix("\(name) must be "), "\(problem)")
    }

    /// A compose file's `${NAME:-}` leaves such a variable.
    @Test func emptyVariable_isUnset_withAnyName() async throws {
        var environment = Dictionary(uniqueKeysWithValues: SettingName.variables.map { ($0, "") })
        environment["HARBOR_HTP_PORT"] = ""
        let plain = try await load(environment)
        #expect(plain.databaseURL == nil && plain.secretKey == nil && plain.publicAddress.port == 8_080)
        #expect(plain.dataDirectory.hasSuffix("/data") && !plain.isDataDirectoryNamed)
        // The file and a second variable that is not empty still count.
        let file = try await load(environment, file: #"{"http_port": 9000, "database_url": "dbname=x"}"#)
        #expect(file.publicAddress.port == 9_000 && file.databaseURL?.value == "dbname=x")
        environment["DATABASE_URL"] = "dbname=y"
        #expect(try await load(environment).databaseURL?.value == "dbname=y")
    }

    @Test func start_fails_withAnUnknownVariable() async throws {
        #expect(try await problem(["HARBOR_HTTP_PROT": "1"]).hasPrefix("HARBOR_HTTP_PROT is not a setting"))
        // Only a secret may be in a file of its own.
        let port = try await problem(["HARBOR_HTTP_PORT_FILE": "/x"])
        #expect(port.hasPrefix("HARBOR_HTTP_PORT_FILE is not a setting"))
    }

    @Test(arguments: [
        (#"{"http_prot": 1}"#, "'http_prot' is not a setting"), (#"{"http": {"port": 1}}"#, "'http' is not"),
        (#"{"http_port": "8080"}"#, "'http_port' must be a whole number"),
        (#"{"http_port": null}"#, "'http_port' must be"),
        (#"{"http_port": {"a": 1}}"#, "'http_port' must be"),
        (#"{"public_read": "perhaps"}"#, "'public_read' must be true or false"),
    ])
    func start_fails_withAWrongFile(file: String, problem: String) async throws {
        #expect(try await self.problem(file: file).contains(problem))
    }

    @Test func start_fails_whenTheNamedFileIsMissing() async throws {
        await #expect(throws: ConfigurationError.self) {
            _ = try await ServerConfiguration.load(environment: [:], file: "/nowhere/settings.json")
        }
    }

    @Test func fileOfTheCheckout_isValid() async throws {
        let root = URL(filePath: #filePath).pathComponents.dropLast(4).joined(separator: "/").dropFirst()
        let path = "\(root)/Config/harbor-fleet.json"
        let configuration = try await ServerConfiguration.load(environment: [:], file: path, demo: true)
        #expect(configuration.publicAddress.host == "127.0.0.1" && configuration.publicRead)
    }

    @Test func secret_isReadFromAFile_withoutItsLineEnd() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("postgresql://u:p@h/d\n", to: "url")
        let configuration = try await load(["DATABASE_URL_FILE": path])
        #expect(configuration.databaseURL?.value == "postgresql://u:p@h/d")
        #expect(!"\(configuration)".contains("u:p"), "a printed configuration hides its secrets")
        let empty = try directory.write("\n", to: "empty")
        #expect(try await problem(["DATABASE_URL_FILE": empty]) == "DATABASE_URL_FILE: \(empty): is empty")
        let both = try await problem(["DATABASE_URL_FILE": path, "DATABASE_URL": "x"])
        #expect(both == "DATABASE_URL and DATABASE_URL_FILE are both set. Keep one of them")
        #expect(
            try await problem(["HARBOR_SECRET_KEY_FILE": "/nowhere"]).contains("/nowhere: cannot be read"))
    }
}
