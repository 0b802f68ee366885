import EventLoops
import Testing

@testable import Sockets

struct SocketAddressTests {
    @Test(
        "Numeric addresses are read and written back",
        arguments: [
            ("127.0.0.1", "127.0.0.1", false), ("0.0.0.0", "0.0.0.0", false), ("::1", "::1", true),
            ("2001:db8::7", "2001:db8::7", true), ("::ffff:10.1.2.3", "10.1.2.3", false),
        ])
    func numeric_roundTrips(text: String, host: String, isIPv6: Bool) throws {
        let address = try SocketAddress(host: text, port: 80)
        #expect(address.host == host)
        #expect(address.isIPv6 == isIPv6)
    }

    @Test(
        "Anything else is refused", arguments: ["", "localhost", "1.2.3", "1.2.3.256", "::g", "127.0.0.1 "])
    func others_areRefused(text: String) {
        #expect(throws: SocketError.notNumeric(text)) { try SocketAddress(host: text, port: 80) }
    }
}

struct BoundSocketTests {
    @Test("A port that somebody listens on is not free, with or without SO_REUSEPORT")
    func takenPort_isNotFree() throws {
        let first = try BoundSocket(SocketAddress(host: "127.0.0.1", port: 0))
        #expect(first.address.port != 0)
        let address = first.address
        #expect(throws: SocketError.self) { try BoundSocket.checkFree(address) }
        let second = try BoundSocket(address)
        #expect(second.address == address)
        _ = consume second
        _ = consume first
        try BoundSocket.checkFree(address)
    }
}
