/// A database of a `PostgresCluster`, with its connection strings.
package struct ClusterDatabase: Sendable {
    package let name: String
    let directory: String
    let port: UInt16

    /// Through the Unix socket.
    package var url: String { url(host: directory, port: port) }

    /// Through TCP: while the server is down, connecting is refused.
    package var tcpURL: String { url(host: "127.0.0.1", port: port) }

    /// Through a proxy in front of the server.
    package func url(through proxy: FaultProxy) -> String { url(host: "127.0.0.1", port: proxy.port) }

    /// For a test's own queries and locks, past proxies, limits and read-only settings.
    var superuserURL: String {
        "host=\(directory) port=\(port) dbname=\(name) user=postgres options='-c default_transaction_read_only=off'"
    }

    /// The address of its server.
    package var proxyTarget: FaultProxy.Target { .unixSocket(path: "\(directory)/.s.PGSQL.\(port)") }

    private func url(host: String, port: UInt16) -> String {
        "host=\(host) port=\(port) dbname=\(name) user=\(PostgresCluster.role)"
    }
}
