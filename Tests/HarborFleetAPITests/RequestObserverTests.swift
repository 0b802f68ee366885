import Endpoint
import HarborFleetTesting
import Sockets
import Testing
import WebSockets

@testable import HarborFleetAPI

@Suite struct RequestObserverTests {
    /// The codes are those of RFC 6455 section 7.4.1 and of the IANA registry.
    @Test(
        arguments: [
            (1000, "1000"), (1001, "1001"), (1003, "1003"), (1004, "other"), (1005, "1005"), (1006, "other"),
            (1007, "1007"), (1014, "1014"), (1015, "other"), (2999, "other"), (3000, "other"),
            (4321, "other"),
            (4999, "other"),
        ] as [(UInt16, String)])
    func closeCode_isALabel_whenItIsRegistered(_ code: UInt16, _ label: String) {
        #expect(RequestObserver.label(CloseCode(rawValue: code)) == label)
    }

    @Test func limitPerAddress_isLoggedOnceAMinute_withTheAddress() throws {
        let log = LogRecorder()
        let observer = RequestObserver(listener: "public", logger: log.logger)
        let address = try SocketAddress(host: "192.0.2.7", port: 9)
        for _ in 0..<5 { observer.refused(.connectionsPerAddress, from: address) }
        observer.refused(.connections, from: address)
        #expect(
            log.lines.filter { $0.level >= .warning }.map { "\($0.message) \($0["remote"] ?? "?")" } == [
                "an address has too many connections; if it is a proxy, add it to HARBOR_TRUSTED_PROXIES 192.0.2.7"
            ])
    }
}
