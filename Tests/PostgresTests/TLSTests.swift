import Foundation
import HarborFleetTesting
import Processes
import Testing

@testable import Postgres

/// `sslmode=verify-full` against a server whose certificate names only `localhost`.
@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    /// A server with TLS.
    private struct Server: Sendable {
        let cluster: PostgresCluster
        let database: ClusterDatabase

        init() async throws {
            cluster = try await PostgresCluster()
            database = try await cluster.makeDatabase()
            try await Shell.run(Certificates.script, [cluster.directory, cluster.directory + "/data"])
            let session = try await SuperuserSession(database)
            for (name, value) in [
                ("ssl_cert_file", "'\(cluster.directory)/server.crt'"),
                ("ssl_key_file", "'\(cluster.directory)/server.key'"), ("ssl", "on"),
            ] {
                try await session.execute("ALTER SYSTEM SET \(name) = \(value)")
            }
            await session.close()
            try await cluster.restart()
        }

        func url(host: String, authority: String, further: String = "") -> String {
            "host=\(host) port=\(cluster.port) dbname=\(database.name) user=\(PostgresCluster.role) "
                + "sslmode=verify-full sslrootcert=\(cluster.directory)/\(authority).crt \(further)"
        }
    }

    private static let shared = Task { try await Server() }

    private func isEncrypted(_ url: String, lookup: HostLookup = .system) async throws -> Bool {
        let database = try await TestPostgres.shared.makeDatabase()
        var configuration = PostgresConfiguration(
            url: url, applicationName: "harbor-fleet/test", connectTimeout: .seconds(20))
        configuration.lookup = lookup
        return try await database.withConnection(configuration) { connection in
            try await connection.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")[0].bool(0)
        }
    }

    @Test func certificate_isAccepted_withTheRightAuthorityAndName() async throws {
        let server = try await Self.shared.value
        for further in ["", "hostaddr=127.0.0.1"] {
            let url = server.url(host: "localhost", authority: "ca", further: further)
            let isEncrypted = try await isEncrypted(url)
            #expect(isEncrypted)
        }
        let uri =
            "postgresql://\(PostgresCluster.role)@localhost:\(server.cluster.port)/\(server.database.name)"
            + "?sslmode=verify-full&sslrootcert=\(server.cluster.directory)/ca.crt"
        let isEncryptedByURI = try await isEncrypted(uri)
        #expect(isEncryptedByURI)
    }

    @Test func certificate_isRefused_fromAnotherAuthority() async throws {
        let server = try await Self.shared.value
        let error = await #expect(throws: PostgresError.self) {
            try await isEncrypted(server.url(host: "localhost", authority: "other"))
        }
        #expect(error?.refusal == .tls)
        #expect(error?.detail.contains("certificate verify failed") == true)
        #expect(error?.reason == "no TLS connection to the database: the log says why")
    }

    @Test func certificate_isRefused_forAnotherName() async throws {
        let server = try await Self.shared.value
        let lookup = HostLookup { _ throws(HostLookup.Failure) in ["127.0.0.1"] }
        for host in ["db.test", "127.0.0.1"] {
            let error = await #expect(throws: PostgresError.self) {
                try await isEncrypted(server.url(host: host, authority: "ca"), lookup: lookup)
            }
            #expect(error?.refusal == .tls)
            #expect(
                error?.detail.contains("does not match host name \"\(host)\"") == true,
                "\(error?.detail ?? "")")
        }
    }

    @Test func handshake_endsWithTheTimeOut_whenTheServerFallsSilent() async throws {
        let server = try await Self.shared.value
        // The relay uses TCP, because a Unix socket has no TLS.
        let relay = try FaultProxy(to: .tcp(port: server.cluster.port))
        let url = "host=localhost port=\(relay.port) dbname=x user=x sslmode=require"
        for direction in FaultProxy.Direction.allCases {
            await relay.set(.hang(direction == .toServer ? .toServer : .toClient))
            let database = try await TestPostgres.shared.makeDatabase()
            let configuration = PostgresConfiguration(
                url: url, applicationName: "harbor-fleet/test", connectTimeout: .milliseconds(200))
            let error = await #expect(throws: PostgresError.self) {
                try await database.connect(configuration)
            }
            #expect(error?.kind == .timeout)
        }
        for count in [1, 100, 900] {
            await relay.set(.truncate(.toClient, after: count, .end))
            let error = await #expect(throws: PostgresError.self) { try await isEncrypted(url) }
            #expect(error?.kind == .connection)
        }
    }
}

/// The certificate of the server, and the authorities.
private enum Certificates {
    /// Makes a CA, another CA, and a certificate for `localhost` by the first. The owner of `$2` runs the server.
    static let script = """
        set -e
        cd "$1"
        printf '[req]\\ndistinguished_name=name\\n[name]\\n' >openssl.cnf
        key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -config openssl.cnf'
        for name in ca other; do
            openssl req -x509 $key -days 2 -subj "/CN=test $name" -addext basicConstraints=critical,CA:TRUE \\
                -keyout "$name.key" -out "$name.crt"
        done
        openssl req $key -subj /CN=localhost -keyout server.key -out server.csr
        printf 'subjectAltName=DNS:localhost\\n' >san
        openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.crt
        chmod 644 ca.crt other.crt server.crt
        chmod 600 server.key
        chown --reference="$2" server.key server.crt
        """
}

private enum Shell {
    static func run(_ script: String, _ arguments: [String]) async throws {
        let result = try await BlockingQueue(label: "test.openssl").runThrowing {
            try ShortCommand.run(.shell(script, arguments))
        }
        try #require(result.exit == .code(0), "\(result.output)")
    }
}
