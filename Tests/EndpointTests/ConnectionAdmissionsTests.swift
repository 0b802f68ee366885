import Sockets
import Testing

@testable import Endpoint

@Suite struct ConnectionAdmissionsTests {
    private func address(_ text: String) throws -> SocketAddress {
        try SocketAddress(host: text, port: 1)
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false), ("::1", "::1", true),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ("::ffff:10.0.0.1", "10.0.0.1", true), ("::ffff:10.0.0.1", "::ffff:10.0.0.2", false),
    ])
    func aClient_isAnAddressOrAnIPv6Network(_ first: String, _ second: String, _ isOne: Bool) throws {
        let admissions = ConnectionAdmissions(maxConnections: 10, maxPerAddress: 1)
        #expect(admissions.admit(try address(first)) == nil)
        #expect(admissions.admit(try address(second)) == (isOne ? .connectionsPerAddress : nil))
        admissions.release(try address(first))
        #expect(admissions.admit(try address(first)) == nil)
    }

    @Test func whatIsRefused_isNotCounted() throws {
        let admissions = ConnectionAdmissions(maxConnections: 1, maxPerAddress: 0)
        let one = try address("10.0.0.1")
        #expect(admissions.admit(one) == nil)
        #expect(admissions.admit(one) == .connections)
        #expect(admissions.count == 1)
        admissions.release(one)
        #expect(admissions.admit(one) == nil)
    }
}
