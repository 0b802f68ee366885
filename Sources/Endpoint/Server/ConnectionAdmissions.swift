internal import Sockets
internal import Synchronization

/// Counts the open connections of an endpoint, on all its loops, against its limits.
final class ConnectionAdmissions: Sendable {
    private let maxConnections: Int
    private let maxPerAddress: Int
    private let open = Atomic<Int>(0)
    /// By address; empty without a limit per address. Locked once per connection, never per request.
    private let openByAddress = Mutex<[[UInt8]: Int]>([:])

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
        guard maxPerAddress == 0 || admitAddress(address.bytes) else {
            open.subtract(1, ordering: .relaxed)
            return .connectionsPerAddress
        }
        return nil
    }

    func release(_ address: SocketAddress) {
        open.subtract(1, ordering: .relaxed)
        guard maxPerAddress > 0 else { return }
        openByAddress.withLock { counts in
            let left = (counts[address.bytes] ?? 1) - 1
            counts[address.bytes] = left > 0 ? left : nil
        }
    }

    private func admitAddress(_ address: [UInt8]) -> Bool {
        openByAddress.withLock { counts in
            let count = counts[address] ?? 0
            guard count < maxPerAddress else { return false }
            counts[address] = count + 1
            return true
        }
    }
}
