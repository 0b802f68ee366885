internal import Sockets
internal import Synchronization

/// Counts the open connections of an endpoint, on all its loops, and refuses those beyond its limits.
final class ConnectionLimiter: Sendable {
    private let configuration: EndpointConfiguration
    let open = Atomic<Int>(0)
    private let refused = Atomic<Int>(0)
    /// At most one entry for each open connection; empty without a limit per address. It is locked when a connection
    /// opens and when it closes, never per request.
    private let openByAddress = Mutex<[ClientAddress: Int]>([:])

    init(_ configuration: EndpointConfiguration) {
        self.configuration = configuration
    }

    /// Counts a connection from `address`.
    /// - Returns: why the connection is refused; nil when it is admitted.
    func admit(_ address: SocketAddress) -> Refusal? {
        guard open.add(1, ordering: .relaxed).newValue <= configuration.maxConnections else {
            open.subtract(1, ordering: .relaxed)
            return .connections
        }
        guard !isLimited(address) || admit(client: address.client) else {
            open.subtract(1, ordering: .relaxed)
            return .connectionsPerAddress
        }
        return nil
    }

    func release(_ address: SocketAddress) {
        open.subtract(1, ordering: .relaxed)
        guard isLimited(address) else { return }
        let client = address.client
        openByAddress.withLock { counts in
            let left = (counts[client] ?? 1) - 1
            counts[client] = left > 0 ? left : nil
        }
    }

    /// Counts a refused connection that stays open for a moment to get its 503.
    /// - Returns: false at the limit of such connections: then it must be closed at once.
    func holdRefused() -> Bool {
        guard refused.add(1, ordering: .relaxed).newValue <= configuration.maxRefusedConnections else {
            releaseRefused()
            return false
        }
        return true
    }

    func releaseRefused() {
        refused.subtract(1, ordering: .relaxed)
    }

    /// Whether the limit per address applies. Trusted proxies and peers on this host are exempt, because many
    /// connections from one of their addresses are normal.
    private func isLimited(_ address: SocketAddress) -> Bool {
        guard configuration.maxConnectionsPerAddress > 0, configuration.limitsLoopback || !address.isLoopback
        else { return false }
        return !configuration.isTrustedProxy(address)
    }

    private func admit(client: ClientAddress) -> Bool {
        openByAddress.withLock { counts in
            let count = counts[client] ?? 0
            guard count < configuration.maxConnectionsPerAddress else { return false }
            counts[client] = count + 1
            return true
        }
    }
}
