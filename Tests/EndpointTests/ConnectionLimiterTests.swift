import Sockets
import Testing

@testable import Endpoint

@Suite struct ConnectionLimiterTests {
    private func address(_ text: String) throws -> SocketAddress {
        try SocketAddress(host: text, port: 1)
    }

    private func limiter(_ change: (inout EndpointConfiguration) -> Void) -> ConnectionLimiter {
        var configuration = EndpointConfiguration()
        change(&configuration)
        return ConnectionLimiter(configuration)
    }

    @Test(arguments: ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "10.1.2.3"])
    func loopbackPeersAndTrustedProxies_haveNoLimitPerAddress(_ text: String) throws {
        let trusted = try #require(NetworkPrefix("10.0.0.0/8"))
        let limiter = limiter {
            $0.maxConnectionsPerAddress = 1
            $0.trustedProxies = [trusted]
        }
        for _ in 0..<3 { #expect(limiter.admit(try address(text)) == nil) }
        for _ in 0..<3 { limiter.release(try address(text)) }
        #expect(limiter.count == 0)
        #expect(limiter.admit(try address("192.0.2.1")) == nil)
        #expect(limiter.admit(try address("192.0.2.1")) == .connectionsPerAddress)
    }

    @Test func refusedConnections_areHeldUpToTheirOwnLimit() {
        let limiter = limiter { $0.maxRefusedConnections = 2 }
        #expect(limiter.holdRefused() && limiter.holdRefused())
        #expect(!limiter.holdRefused() && !limiter.holdRefused())
        limiter.releaseRefused()
        #expect(limiter.holdRefused() && !limiter.holdRefused())
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false), ("::1", "::1", true),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ("::ffff:10.0.0.1", "10.0.0.1", true), ("::ffff:10.0.0.1", "::ffff:10.0.0.2", false),
    ])
    func client_isAnIPv4AddressOrAnIPv6Network(_ first: String, _ second: String, _ isOne: Bool) throws {
        let limiter = limiter {
            $0.maxConnectionsPerAddress = 1
            $0.limitsLoopback = true
        }
        #expect(limiter.admit(try address(first)) == nil)
        #expect(limiter.admit(try address(second)) == (isOne ? .connectionsPerAddress : nil))
        limiter.release(try address(first))
        #expect(limiter.admit(try address(first)) == nil)
    }

    @Test func refusedConnection_isNotCounted() throws {
        let limiter = limiter { $0.maxConnections = 1 }
        let one = try address("10.0.0.1")
        #expect(limiter.admit(one) == nil)
        #expect(limiter.admit(one) == .connections)
        #expect(limiter.count == 1)
        limiter.release(one)
        #expect(limiter.admit(one) == nil)
    }
}
