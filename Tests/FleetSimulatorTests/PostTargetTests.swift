import HarborFleet
import Testing

@testable import FleetSimulator

@Suite struct PostTargetTests {
    @Test(
        arguments: [
            ("http://localhost:8080", "localhost", 8080, "localhost:8080", ""),
            ("http://localhost:8080/", "localhost", 8080, "localhost:8080", ""),
            ("HTTP://fleet.example", "fleet.example", 80, "fleet.example", ""),
            ("http://[::1]:81/base/", "::1", 81, "[::1]:81", "/base"),
            ("http://[::1]", "::1", 80, "[::1]", ""),
        ] as [(String, String, UInt16, String, String)])
    func target_isReadFromTheServersURL(
        _ url: String, _ host: String, _ port: UInt16, _ authority: String, _ prefix: String
    ) throws {
        let target = try PostTarget(url: url, fleet: try #require(FleetID("demo")))
        #expect(target.host == host)
        #expect(target.port == port)
        #expect(target.authority == authority)
        #expect(target.path == prefix + "/api/v1/fleets/demo/fixes")
    }
}

/// URLs that the simulator cannot post to.
@Suite struct PostTargetRefusalTests {
    @Test(arguments: [
        "", "localhost:8080", "https://localhost", "http://", "http://:80", "http://h:0", "http://h:x",
        "http://h:99999", "http://u@h", "http://h?q", "http://h/ x", "http://h\r\nx: y", "http://[::1]x",
    ])
    func target_isRefused_whenTheURLHasAnotherForm(_ url: String) throws {
        let fleet = try #require(FleetID("demo"))
        #expect(throws: SimulatorError.self) { try PostTarget(url: url, fleet: fleet) }
    }
}
