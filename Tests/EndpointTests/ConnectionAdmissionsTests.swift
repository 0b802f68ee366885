import Sockets
import Testing

@testable import Endpoint

@Suite struct ConnectionAdmissionsTests {
    private func address(_ text: String) throws -> SocketAddress {
        try SocketAddress(host: text, port: 1)
    }

    private func admissions(_ change: (inout EndpointConfiguration) -> Void) -> ConnectionAdmissions {
        var configuration = EndpointConfiguration()
        change(&configuration)
        return ConnectionAdmissions(configuration)
    }

    @Test(arguments: ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "10.1.2.3"])
    func loopbackPeers_andTrustedProxies_haveNoLimitPerAddress(_ text: String) throws {
        let trusted = try #require(NetworkPrefix("10.0.0.0/8"))
        let admissions = admissions {
            $0.maxConnectionsPerAddress = 1
            $0.trustedProxies = [trusted]
        }
        for _ in 0..<3 { #expect(admissions.admit(try address(text)) == nil) }
        for _ in 0..<3 { admissions.release(try address(text)) }
        #expect(admissions.count == 0)
        #expect(admissions.admit(try address("192.0.2.1")) == nil)
        #expect(admissions.admit(try address("192.0.2.1")) == .connectionsPerAddress)
    }

    @Test func refusedConnections_areHeldUpToTheirOwnLimit() {
        let admissions = admissions { $0.maxRefusedConnections = 2 }
        #expect(admissions.holdRefused() && admissions.holdRefused())
        #expect(!admissions.holdRefused() && !admissions.holdRefused())
        admissions.releaseRefused()
        #expect(admissions.holdRefused() && !admissions.holdRefused())
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false), ("::1", "::1", true),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ("::ffff:10.0.0.1", "10.0.0.1", true), ("::ffff:10.0.0.1", "::ffff:10.0.0.2", false),
    ])
    func aClient_isAnAddressOrAnIPv6Network(_ first: String, _ second: String, _ isOne: Bool) throws {
        let admissions = admissions {
            $0.maxConnectionsPerAddress = 1
            $0.limitsLoopback = true
        }
        #expect(admissions.admit(try address(first)) == nil)
        #expect(admissions.admit(try address(second)) == (isOne ? .connectionsPerAddress : nil))
        admissions.release(try address(first))
        #expect(admissions.admit(try address(first)) == nil)
    }

    @Test func whatIsRefused_isNotCounted() throws {
        let admissions = admissions { $0.maxConnections = 1 }
        let one = try address("10.0.0.1")
        #expect(admissions.admit(one) == nil)
        #expect(admissions.admit(one) == .connections)
        #expect(admissions.count == 1)
        admissions.release(one)
        #expect(admissions.admit(one) == nil)
    }
}
