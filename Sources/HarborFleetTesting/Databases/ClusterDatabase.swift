/// A database of a `PostgresCluster`, and the ways to it.
package struct ClusterDatabase: Sendable {
    package let name: String
    let directory: String
    let port: UInt16

    /// By the Unix socket.
    package var url: String { url(host: directory, port: port) }

    /// By TCP: who connects while the server is down is refused.
    package var tcpURL: String { url(host: "127.0.0.1", port: port) }

    /// Through a proxy that stands before the server.
    package func url(through proxy: FaultProxy) -> String { url(host: "127.0.0.1", port: proxy.port) }

    /// For a test's own looks and locks, past proxies, limits and read-only settings.
    var superuserURL: String {
        "host=\(directory) port=\(port) dbname=\(name) user=postgres options='-c default_transaction_read_only=off'"
    }

    /// Where its server listens.
    package var proxyTarget: FaultProxy.Target { .unixSocket(path: "\(directory)/.s.PGSQL.\(port)") }

    private func url(host: String, port: UInt16) -> String {
        "host=\(host) port=\(port) dbname=\(name) user=\(PostgresCluster.role)"
    }
}
