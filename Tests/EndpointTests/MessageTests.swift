import Sockets
import Testing

@testable import Endpoint

@Suite struct MessageTests {
    @Test func requestIDs_areShortValidAndDifferent() {
        var ids = RequestIDs()
        let made = (0..<1_000).map { _ in ids.next() }
        #expect(Set(made.map(\.text)).count == 1_000)
        #expect(made.allSatisfy { $0.text.utf8.count == 16 && RequestIDs.isSane($0.text) })
    }

    @Test(
        arguments: [
            (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908, "0123456789abcdef"),
            (0x1716_1514_1312_1110, 0x1F1E_1D1C_1B1A_1918, "ghjkmnpqrstvwxyz"),
            (0xE0C0_A080_6040_20FF, 0, "z000000000000000"),
        ] as [(UInt64, UInt64, String)])
    func requestID_hasOneCharacterPerByte(_ first: UInt64, _ second: UInt64, _ text: String) {
        #expect(RandomRequestID(first, second).text == text)
    }

    @Test(arguments: ["Az09._-", "a", String(repeating: "a", count: 128)])
    func requestID_isAccepted_whenItIsValid(_ id: String) {
        #expect(RequestIDs.isSane(id))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
        ("127.0.0.1", "127.0.0.1", true),
        ("127.0.0.1", "127.0.0.2", false), ("192.168.4.0/22", "192.168.7.9", true),
        ("192.168.4.0/22", "192.168.8.0", false), ("0.0.0.0/0", "8.8.8.8", true),
        ("fd00::/8", "fd12::1", true),
        ("fd00::/8", "fe00::1", false), ("0.0.0.0/0", "::1", false),
    ])
    func prefix_containsItsAddresses(_ prefix: String, _ address: String, _ expected: Bool) throws {
        let prefix = try #require(NetworkPrefix(prefix))
        #expect(prefix.contains(try SocketAddress(host: address, port: 0)) == expected)
    }

    @Test(arguments: [
        ("198.51.100.7", "198.51.100.7"), ("1.2.3.4, 198.51.100.7", "198.51.100.7"),
        ("198.51.100.7, 10.0.0.9", "198.51.100.7"), ("198.51.100.7:4711", "198.51.100.7"),
        ("[2001:db8::1]:80", "2001:db8::1"), ("2001:db8::1", "2001:db8::1"), ("nonsense", "10.0.0.1"),
        ("198.51.100.7, nonsense", "10.0.0.1"), ("", "10.0.0.1"), ("10.0.0.3", "10.0.0.3"),
    ])
    func client_isTheLastUntrustedAddress_behindTrustedProxies(_ field: String, _ expected: String) throws {
        let trusted = [try #require(NetworkPrefix("10.0.0.0/8"))]
        let peer = try SocketAddress(host: "10.0.0.1", port: 5)
        #expect(ForwardedAddress.client(peer: peer, forwarded: field, trusted: trusted).host == expected)
    }

    @Test func client_isThePeer_whenThePeerIsNotTrusted() throws {
        let trusted = [try #require(NetworkPrefix("10.0.0.0/8"))]
        let peer = try SocketAddress(host: "192.0.2.1", port: 5)
        #expect(ForwardedAddress.client(peer: peer, forwarded: "1.1.1.1", trusted: trusted) == peer)
    }

    @Test func connections_areAdmittedUpToTheLimits() throws {
        let limiter = ConnectionLimiter(
            EndpointConfiguration(maxConnections: 3, maxConnectionsPerAddress: 2))
        let one = try SocketAddress(host: "192.0.2.1", port: 1)
        let other = try SocketAddress(host: "192.0.2.2", port: 1)
        #expect(limiter.admit(one) == nil)
        #expect(limiter.admit(one) == nil)
        #expect(limiter.admit(one) == .connectionsPerAddress)
        #expect(limiter.admit(other) == nil)
        #expect(limiter.admit(other) == .connections)
        limiter.release(one)
        #expect(limiter.admit(one) == nil)
        #expect(limiter.count == 3)
    }
}

/// Request ids and network prefixes that are not valid.
@Suite struct MessageRefusalTests {
    @Test(arguments: ["", "a b", "a\r\nb", "a\"b", "ä", String(repeating: "a", count: 129), "a/b"])
    func requestID_isIgnored_whenItIsNotValid(_ id: String) {
        #expect(!RequestIDs.isSane(id))
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/", "host", "10.0.0.0/8/8", "::/129",
    ])
    func prefix_isNil_whenItIsMalformed(_ text: String) {
        #expect(NetworkPrefix(text) == nil)
    }
}
