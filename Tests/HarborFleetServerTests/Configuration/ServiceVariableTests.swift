import HarborFleetTesting
import Testing

@testable import HarborFleetServer

/// Name and value together distinguish a variable that Kubernetes injects for a Service from a setting.
@Suite(.timeLimit(.minutes(1))) struct ServiceVariableTests {
    /// The environment of a pod beside a Service `harbor-fleet` with a port named `http`, a UDP port, and IPv6.
    private static let injected = [
        ("HARBOR_FLEET_SERVICE_HOST", "10.0.0.1"), ("HARBOR_FLEET_SERVICE_PORT", "8080"),
        ("HARBOR_FLEET_SERVICE_PORT_HTTP", "8080"), ("HARBOR_FLEET_SERVICE_PORT_HTTP_OPS", "8081"),
        ("HARBOR_FLEET_PORT", "tcp://10.0.0.1:8080"), ("HARBOR_FLEET_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("HARBOR_FLEET_PORT_8080_TCP_PROTO", "tcp"), ("HARBOR_FLEET_PORT_8080_TCP_PORT", "8080"),
        ("HARBOR_FLEET_PORT_8080_TCP_ADDR", "10.0.0.1"), ("HARBOR_PORT_53_UDP", "udp://10.0.0.1:53"),
        ("HARBOR_PORT_9_SCTP", "sctp://[fd00::1]:9"), ("HARBOR_PORT", "tcp://[fd00::1]:8080"),
        ("HARBOR_PORT_53_UDP_ADDR", "fd00::1"), ("HARBOR_SERVICE_HOST", "fd00::1"),
        ("HARBOR_HTTP_PORT", "tcp://10.0.0.1:8080"), ("HARBOR_OPS_PORT", "tcp://10.0.0.1:8081"),
        ("HARBOR_HTTP_PORT_80_TCP_PORT", "80"),
    ]

    @Test(arguments: injected)
    func injectedVariable_isKnown(name: String, value: String) {
        #expect(ServiceVariable.matches(name, value))
    }

    @Test(arguments: [
        ("HARBOR_HTP_PORT", "9090"), ("HARBOR_HTTP_PORT", "9090"), ("HARBOR_FLEET_PORT", "8080"),
        ("HARBOR_FLEET_PORT", "http://10.0.0.1:8080"), ("HARBOR_FLEET_PORT", "tcp://10.0.0.1"),
        ("HARBOR_FLEET_PORT", "tcp://10.0.0.1:0"), ("HARBOR_FLEET_PORT", "tcp://10.0.0.1:70000"),
        ("HARBOR_FLEET_PORT", "tcp://db.example:80"), ("HARBOR_FLEET_PORT", "tcp://10.0.0.1:80/x"),
        ("HARBOR_FLEET_SERVICE_HOST", "db.example"), ("HARBOR_FLEET_SERVICE_HOST", ""),
        ("HARBOR_FLEET_SERVICE_PORT", "http"), ("HARBOR_FLEET_SERVICE_PORT", "+80"),
        ("HARBOR_FLEET_SERVICE_PORT", "0"), ("HARBOR_FLEET_PORT_8080_TCP", "tcp://10.0.0.1:8081"),
        ("HARBOR_FLEET_PORT_8080_TCP", "udp://10.0.0.1:8080"), ("HARBOR_FLEET_PORT_8080_TCP_PROTO", "udp"),
        ("HARBOR_FLEET_PORT_8080_TCP_PORT", "8081"), ("HARBOR_FLEET_PORT_8080_TCP_ADDR", "x"),
        ("HARBOR_FLEET_PORT_HTTP_TCP", "tcp://10.0.0.1:80"), ("HARBOR_SECRET_KEY", "10.0.0.1"),
        ("HARBOR_fleet_SERVICE_HOST", "10.0.0.1"), ("PORT", "tcp://10.0.0.1:80"),
        ("HARBOR_FLEET_HOST", "10.0.0.1"), ("SERVICE_HOST", "10.0.0.1"), ("SERVICE_PORT", "80"),
    ])
    func otherVariable_isNotKnown(name: String, value: String) {
        #expect(!ServiceVariable.matches(name, value))
    }

    private func load(_ environment: [String: String]) async throws -> ServerConfiguration {
        let directory = try TemporaryDirectory()
        let path = try directory.write("{}", to: "settings.json")
        return try await ServerConfiguration.load(environment: environment, file: path)
    }

    @Test func pod_startsWithItsOwnSettings_besideAService() async throws {
        var environment = Dictionary(uniqueKeysWithValues: Self.injected)
        environment["HARBOR_OPS_PORT"] = "9091"
        let configuration = try await load(environment)
        #expect(configuration.publicAddress.port == 8_080 && configuration.operationsAddress.port == 9_091)
        let ignored = configuration.ignoredVariables
        #expect(ignored.count == Self.injected.count - 1)
        #expect(ignored.filter(\.hidesSetting).map(\.name) == ["HARBOR_HTTP_PORT"])
        let warning = ignored.first { $0.hidesSetting }?.message
        #expect(
            warning == """
                HARBOR_HTTP_PORT is ignored: its value has the form that Kubernetes uses for a Service 'harbor-http'. \
                Rename the Service, or set enableServiceLinks: false in the pod
                """)
        let plain = ignored.first { $0.name == "HARBOR_FLEET_PORT" }?.message
        #expect(plain == "HARBOR_FLEET_PORT is ignored: Kubernetes made it for a Service")
    }

    @Test func start_fails_withATypingError() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            _ = try await load(["HARBOR_HTP_PORT": "9090", "HARBOR_PORT": "tcp://10.0.0.1:80"])
        }
        #expect(
            error?.description
                == "HARBOR_HTP_PORT is not a setting of harbor-fleet. Did you mean HARBOR_HTTP_PORT?")
    }
}
