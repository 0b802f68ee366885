// swift-tools-version: 6.2
import PackageDescription

// Across targets the compiler inlines and specialises only declarations that are public and inlinable. Where a
// request would cost more otherwise, above all in generic types, a declaration is public instead of package; no
// product exports it.

/// Settings of all our targets. Warnings are errors only when `CI` is set, so that warnings of a newer compiler
/// do not stop a user's build.
let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
    + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// Tests may call C and use pointers without marking it as unsafe.
let testSettings: [SwiftSetting] =
    [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]
    + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])

func product(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

let package = Package(
    name: "harbor-fleet",
    products: [.executable(name: "harbor-fleet", targets: ["harbor-fleet"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        .target(name: "Processes", dependencies: ["CLinux"], swiftSettings: settings),
        .target(name: "Randomness", swiftSettings: settings),
        .target(name: "TextFormats", swiftSettings: settings),
        .target(name: "EventLoops", dependencies: ["Processes", "CLinux"], swiftSettings: settings),
        .target(
            name: "Sockets", dependencies: ["EventLoops", "Processes", "CLinux"], swiftSettings: settings),
        .target(
            name: "HTTP1", dependencies: ["TextFormats", product("HTTPTypes", "swift-http-types")],
            swiftSettings: settings),
        .target(name: "Compression", dependencies: ["CZlib"], swiftSettings: settings),
        .target(name: "WebSockets", dependencies: ["Compression"], swiftSettings: settings),
        .target(
            name: "Telemetry",
            dependencies: [
                "Processes", "TextFormats", product("Logging", "swift-log"),
                product("Metrics", "swift-metrics"),
            ],
            swiftSettings: settings),
        .target(name: "Supervision", dependencies: ["Telemetry"], swiftSettings: settings),
        .target(name: "Broadcast", dependencies: ["EventLoops"], swiftSettings: settings),
        .target(
            name: "Endpoint",
            dependencies: [
                "EventLoops", "Sockets", "HTTP1", "WebSockets", "Supervision", "Randomness",
                product("Crypto", "swift-crypto"), product("HeapModule", "swift-collections"),
                product("HTTPTypes", "swift-http-types"),
            ],
            swiftSettings: settings),
        .target(
            name: "Postgres",
            dependencies: [
                "CLibPQ", "EventLoops", "Processes", "Supervision", product("Logging", "swift-log"),
            ],
            swiftSettings: settings),
        .target(
            name: "HarborFleetMigrations", path: "Migrations",
            resources: [
                .embedInCode("0001_initial.sql"), .embedInCode("0002_record_fixes.sql"),
                .embedInCode("0003_retention_clock.sql"),
                .embedInCode("0004_record_fixes_remote_apply.sql"), .embedInCode("0005_access.sql"),
                .embedInCode("functions/record_fixes.sql"),
            ],
            swiftSettings: settings),
        .target(name: "StoreCache", dependencies: ["Supervision"], swiftSettings: settings),
        .target(
            name: "HarborFleet",
            dependencies: [
                "StoreCache", "Supervision", "Telemetry", "TextFormats",
                product("HashTreeCollections", "swift-collections"),
                product("DequeModule", "swift-collections"),
                product("HeapModule", "swift-collections"), product("Metrics", "swift-metrics"),
            ],
            swiftSettings: settings),
        .target(name: "FleetWire", dependencies: ["HarborFleet", "TextFormats"], swiftSettings: settings),
        .target(
            name: "FleetAccess",
            dependencies: [
                "HarborFleet", "StoreCache", "Supervision", "Telemetry", product("Crypto", "swift-crypto"),
                product("Logging", "swift-log"), product("Metrics", "swift-metrics"),
            ],
            swiftSettings: settings),
        .target(
            name: "HarborFleetStorage",
            dependencies: [
                "EventLoops", "FleetAccess", "HarborFleet", "HarborFleetMigrations", "Postgres", "StoreCache",
                "Supervision", "Telemetry", "TextFormats",
                product("Crypto", "swift-crypto"), product("Logging", "swift-log"),
            ],
            swiftSettings: settings),
        .target(
            name: "HarborFleetAPI",
            dependencies: [
                "FleetAccess", "FleetWire", "HarborFleet", "StoreCache", "TextFormats", "Broadcast",
                "Endpoint", "EventLoops", "Processes", "Sockets", "HTTP1", "WebSockets", "Compression",
                "Telemetry", "Supervision", product("Crypto", "swift-crypto"),
                product("HTTPTypes", "swift-http-types"),
                product("Logging", "swift-log"), product("Metrics", "swift-metrics"),
            ],
            resources: [.embedInCode("OpenAPI/openapi.json")],
            swiftSettings: settings),
        .target(
            name: "HarborFleetSite",
            dependencies: [
                "FleetAccess", "HarborFleet", "HarborFleetAPI", "StoreCache", "Endpoint", "HTTP1",
                "Supervision",
                product("HTTPTypes", "swift-http-types"), product("Logging", "swift-log"),
            ],
            resources: [.embedInCode("Assets")],
            swiftSettings: settings),
        .target(
            name: "PrivatePostgres",
            dependencies: ["Processes", "EventLoops", "Supervision", product("Logging", "swift-log")],
            swiftSettings: settings),
        .target(
            name: "FleetSimulator",
            dependencies: [
                "Processes", "Randomness", "HarborFleet", "FleetWire", "Supervision", "TextFormats", "HTTP1",
                product("Crypto", "swift-crypto"), product("HTTPTypes", "swift-http-types"),
                product("Logging", "swift-log"),
            ],
            swiftSettings: settings),
        .target(
            name: "HarborFleetServer",
            dependencies: [
                "HarborFleetAPI", "HarborFleetSite", "HarborFleetStorage", "FleetAccess", "HarborFleet",
                "PrivatePostgres", "FleetSimulator", "Processes", "StoreCache", "TextFormats", "Endpoint",
                "Postgres", "Broadcast", "Telemetry", "Supervision", "EventLoops", "Sockets", "HTTP1",
                product("Configuration", "swift-configuration"), product("Crypto", "swift-crypto"),
                product("CryptoExtras", "swift-crypto"), product("Logging", "swift-log"),
            ],
            swiftSettings: settings),
        .target(
            name: "HarborFleetCommands",
            dependencies: [
                "HarborFleetServer", "HarborFleetSite", "HarborFleetStorage", "FleetAccess", "HarborFleet",
                "PrivatePostgres", "FleetSimulator", "Processes", "Postgres", "StoreCache", "Telemetry",
                "EventLoops", "Supervision", product("ArgumentParser", "swift-argument-parser"),
                product("Logging", "swift-log"),
                product("Metrics", "swift-metrics"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "harbor-fleet", dependencies: ["HarborFleetCommands"], swiftSettings: settings),

        .target(
            name: "HarborFleetTesting",
            dependencies: [
                "CLinux", "Processes", "Randomness", "EventLoops", "Sockets", "HTTP1", "WebSockets",
                "Endpoint", "Supervision", "Postgres", "HarborFleet", "FleetAccess", "StoreCache",
                "FleetSimulator",
                product("Crypto", "swift-crypto"), product("HTTPTypes", "swift-http-types"),
                product("Logging", "swift-log"),
            ],
            swiftSettings: settings),
        .target(
            name: "HarborFleetWebTesting",
            dependencies: [
                "HarborFleetTesting", "HarborFleetAPI", "HarborFleetSite", "FleetAccess", "HarborFleet",
                "StoreCache", "Endpoint", "EventLoops", "Broadcast", "Compression", "Sockets", "Supervision",
                "Telemetry", product("Crypto", "swift-crypto"), product("Logging", "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "EventLoopsTests", dependencies: ["EventLoops", "Processes", "HarborFleetTesting"],
            swiftSettings: testSettings),
        .testTarget(
            name: "SocketsTests", dependencies: ["Sockets", "EventLoops", "Processes"],
            swiftSettings: testSettings),
        .testTarget(
            name: "BroadcastTests", dependencies: ["Broadcast", "EventLoops", "HarborFleetTesting"],
            swiftSettings: testSettings),
        .testTarget(
            name: "HTTP1Tests",
            dependencies: ["HTTP1", "HarborFleetTesting", product("HTTPTypes", "swift-http-types")],
            swiftSettings: testSettings),
        .testTarget(
            name: "CompressionTests", dependencies: ["Compression", "HarborFleetTesting"],
            swiftSettings: testSettings),
        .testTarget(
            name: "WebSocketsTests", dependencies: ["WebSockets", "Compression", "HarborFleetTesting"],
            swiftSettings: testSettings),
        .testTarget(
            name: "SupervisionTests", dependencies: ["Supervision", "HarborFleetTesting"],
            swiftSettings: testSettings),
        .testTarget(
            name: "TelemetryTests",
            dependencies: [
                "Telemetry", product("Logging", "swift-log"), product("Metrics", "swift-metrics"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "EndpointTests",
            dependencies: [
                "Endpoint", "EventLoops", "Sockets", "HTTP1", "WebSockets", "HarborFleetTesting",
                product("HTTPTypes", "swift-http-types"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "PostgresTests",
            dependencies: ["Postgres", "Processes", "Supervision", "HarborFleetTesting"],
            swiftSettings: testSettings),
        .testTarget(
            name: "TextFormatsTests", dependencies: ["TextFormats", "HarborFleetTesting"],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoreCacheTests", dependencies: ["StoreCache", "HarborFleetTesting"],
            swiftSettings: testSettings),
        .testTarget(
            name: "HarborFleetTests",
            dependencies: ["HarborFleet", "FleetWire", "StoreCache", "Supervision", "HarborFleetTesting"],
            swiftSettings: testSettings),
        .testTarget(
            name: "FleetWireTests", dependencies: ["FleetWire", "HarborFleet", "HarborFleetTesting"],
            swiftSettings: testSettings),
        .testTarget(
            name: "FleetAccessTests",
            dependencies: ["FleetAccess", "HarborFleet", "StoreCache", "Telemetry", "HarborFleetTesting"],
            swiftSettings: testSettings),
        .testTarget(
            name: "HarborFleetStorageTests",
            dependencies: [
                "HarborFleetStorage", "FleetAccess", "HarborFleet", "Postgres", "StoreCache", "Supervision",
                "HarborFleetTesting", product("Logging", "swift-log"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "HarborFleetAPITests",
            dependencies: [
                "HarborFleetAPI", "FleetAccess", "FleetWire", "HarborFleet", "StoreCache", "Endpoint",
                "EventLoops", "Broadcast", "Supervision", "Compression", "Telemetry", "WebSockets",
                "HarborFleetTesting",
                "HarborFleetWebTesting", product("Crypto", "swift-crypto"), product("Logging", "swift-log"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "HarborFleetSiteTests",
            dependencies: [
                "HarborFleetSite", "HarborFleetAPI", "FleetAccess", "HarborFleet", "Compression", "Endpoint",
                "EventLoops", "Supervision", "Telemetry", "HarborFleetTesting", "HarborFleetWebTesting",
                product("Logging", "swift-log"),
            ],
            exclude: ["Scripts"], swiftSettings: testSettings),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "harbor-fleet", "HarborFleetTesting", "FleetAccess", "FleetSimulator", "HarborFleet",
                "HarborFleetAPI", "HarborFleetServer", "HarborFleetStorage", "StoreCache", "Endpoint",
                "EventLoops", "HTTP1", "Postgres", "Processes", "Broadcast", "Sockets", "Supervision",
                "WebSockets",
                product("Crypto", "swift-crypto"), product("HTTPTypes", "swift-http-types"),
                product("Logging", "swift-log"),
            ],
            exclude: ["PublicNames"], swiftSettings: testSettings),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "harbor-fleet", "HarborFleetTesting", "FleetAccess", "HarborFleet", "CLinux", "EventLoops",
                "Postgres",
                product("Logging", "swift-log"), product("Crypto", "swift-crypto"),
            ],
            exclude: ["README.md"], swiftSettings: testSettings),
        .testTarget(
            name: "ConformanceTests",
            dependencies: ["harbor-fleet", "HarborFleetTesting", "Compression", "HTTP1", "WebSockets"],
            swiftSettings: testSettings),
        .testTarget(
            name: "ProcessesTests", dependencies: ["Processes", "EventLoops", "HarborFleetTesting"],
            swiftSettings: testSettings),
        .testTarget(
            name: "PrivatePostgresTests",
            dependencies: [
                "PrivatePostgres", "Processes", "EventLoops", "HarborFleetTesting",
                product("Logging", "swift-log"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "FleetSimulatorTests",
            dependencies: [
                "FleetSimulator", "HarborFleet", "HarborFleetSite", "Supervision", "HarborFleetTesting",
                product("Logging", "swift-log"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "HarborFleetServerTests",
            dependencies: [
                "HarborFleetServer", "HarborFleet", "HarborFleetAPI", "HarborFleetStorage", "Postgres",
                "StoreCache", "Supervision", "HarborFleetTesting", product("Logging", "swift-log"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "HarborFleetCommandsTests",
            dependencies: [
                "HarborFleetCommands", "HarborFleetServer", "HarborFleetStorage", "FleetAccess",
                "HarborFleet",
                "FleetSimulator", "HarborFleetTesting",
                product("ArgumentParser", "swift-argument-parser"),
            ],
            swiftSettings: testSettings),
    ]
)

// The fuzz targets get their `main` from libFuzzer, so they are left out of all other builds (`make fuzz`).
if Context.environment["HARBOR_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "HTTP1", "WebSockets", "Compression", "FleetWire", "HarborFleet", "TextFormats",
                product("HTTPTypes", "swift-http-types"),
            ],
            path: "Tests/Fuzz", exclude: ["README.md", "run", "Seeds", "Dictionaries"],
            swiftSettings: testSettings))
}
