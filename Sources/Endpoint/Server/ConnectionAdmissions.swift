internal import Sockets
internal import Synchronization

/// Counts the open connections of an endpoint, on all its loops, against its limits.
final class ConnectionAdmissions: Sendable {
    private let maxConnections: Int
    private let maxPerAddress: Int
    private let open = Atomic<Int>(0)
    /// By `client`; empty without a limit per address. Locked once per connection, never per request.
    private let openByAddress = Mutex<[[UInt8]: Int]>([:])

    /// Who counts as one: an IPv4 address, or an IPv6 network of 64 bits, of which one client has all addresses
    /// (RFC 4291 section 2.5.4).
    private static func client(_ address: SocketAddress) -> [UInt8] { Array(address.bytes.prefix(8)) }

    init(maxConnections: Int, maxPerAddress: Int) {
        self.maxConnections = maxConnections
        self.maxPerAddress = maxPerAddress
    }

    var count: Int { open.load(ordering: .relaxed) }

    /// Counts a connection from `address`, or says why it is refused.
    func admit(_ address: SocketAddress) -> Refusal? {
        guard open.add(1, ordering: .relaxed).newValue <= maxConnections else {
            open.subtract(1, ordering: .relaxed)
            return .connections
        }
        guard maxPerAddress == 0 || admit(client: Self.client(address)) else {
            open.subtract(1, ordering: .relaxed)
            return .connectionsPerAddress
        }
        return nil
    }

    func release(_ address: SocketAddress) {
        open.subtract(1, ordering: .relaxed)
        guard maxPerAddress > 0 else { return }
        let client = Self.client(address)
        openByAddress.withLock { counts in
            let left = (counts[client] ?? 1) - 1
            counts[client] = left > 0 ? left : nil
        }
    }

    private func admit(client: [UInt8]) -> Bool {
        openByAddress.withLock { counts in
            let count = counts[client] ?? 0
            guard count < maxPerAddress else { return false }
            counts[client] = count + 1
            return true
        }
    }
}
