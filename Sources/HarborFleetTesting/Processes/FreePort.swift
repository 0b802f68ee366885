internal import Sockets

/// A TCP port of 127.0.0.1 without a listener.
package enum FreePort {
    /// Picks a port below the range from which the kernel takes ports for outgoing connections, so that it stays
    /// free between two lives of a server.
    package static func find() throws -> UInt16 {
        for _ in 0..<100 {
            let address = try SocketAddress(host: "127.0.0.1", port: UInt16.random(in: 15_000..<32_000))
            if (try? BoundSocket.checkFree(address)) != nil { return address.port }
        }
        throw TestFailure("no free port")
    }
}
