import EventLoops
import Glibc
import Processes
import Testing

@testable import Sockets

struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1", false), ("0.0.0.0", "0.0.0.0", false), ("::1", "::1", true),
        ("2001:db8::7", "2001:db8::7", true), ("::ffff:10.1.2.3", "10.1.2.3", false),
    ])
    func numericAddress_comesBackUnchanged(text: String, host: String, isIPv6: Bool) throws {
        let address = try SocketAddress(host: text, port: 80)
        #expect(address.host == host)
        #expect(address.isIPv6 == isIPv6)
    }
}

/// Texts that are no numeric address.
@Suite struct SocketAddressRefusalTests {
    @Test(arguments: ["", "localhost", "1.2.3", "1.2.3.256", "::g", "127.0.0.1 "])
    func otherAddress_isRefused(text: String) {
        #expect(throws: SocketError.notNumeric(text)) { try SocketAddress(host: text, port: 80) }
    }
}

@Suite(.timeLimit(.minutes(1))) struct BoundSocketTests {
    /// With and without SO_REUSEPORT.
    @Test func takenPort_isNotFree() throws {
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

    /// It refuses clients until its owner listens.
    @Test func reservedPort_belongsToItsOwnerAlone() throws {
        let reservation = try PortReservation(SocketAddress(host: "127.0.0.1", port: 0))
        let address = reservation.address
        #expect(address.port != 0)
        #expect(throws: SocketError.self) { try BoundSocket.checkFree(address) }
        #expect(throws: SocketError.self) { try PortReservation(address) }
        #expect(Self.connects(to: address) == ECONNREFUSED)
        // Each loop has a socket of its own.
        let first = try BoundSocket(address)
        let second = try BoundSocket(address)
        reservation.release()
        reservation.release()
        #expect(Self.connects(to: address) == 0)
        _ = consume first
        _ = consume second
        try BoundSocket.checkFree(address)
    }

    @Test func takenPort_cannotBeReserved() throws {
        let taken = try BoundSocket(SocketAddress(host: "127.0.0.1", port: 0))
        let address = taken.address
        #expect(throws: SocketError.self) { try PortReservation(address) }
        _ = consume taken
    }

    /// - Returns: 0, or the error of the connect.
    private static func connects(to address: SocketAddress) -> CInt {
        let descriptor = FileDescriptor(owning: socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0))
        let result = unsafe address.withSockaddr { unsafe connect(descriptor.rawValue, $0, $1) }
        return result == 0 ? 0 : errno
    }
}
