internal import Foundation
internal import Glibc

/// The paths of the private PostgreSQL in the data directory.
package struct ClusterLayout: Sendable, Equatable {
    /// The maximum length of a path in `sockaddr_un.sun_path`, without its terminating zero (unix(7)).
    static let longestSocketPath = 107
    /// The name of the role and of the database.
    static let name = "harbor_fleet"

    /// The data directory, absolute.
    package let root: String

    package init(root: String) {
        self.root = root
    }

    /// PGDATA.
    var cluster: String { root + "/postgres" }
    /// The prefix of a directory in which a cluster is created before it is renamed, so that a half-made cluster
    /// never looks complete.
    var unfinishedPrefix: String { "postgres.new-" }
    var postmasterFile: String { cluster + "/postmaster.pid" }
    /// Holds only the socket. Its mode is 0700, so only users who may enter it can connect.
    var socketDirectory: String { root + "/run" }
    var socketPath: String { socketDirectory + "/.s.PGSQL.5432" }
    /// The output of PostgreSQL. It is a file because PostgreSQL outlives this process and so cannot write to a
    /// pipe of it.
    var log: String { root + "/postgres.log" }
    /// Held by the process that starts and stops PostgreSQL.
    var ownerLock: String { root + "/postgres.lock" }
    /// Shared by the commands that use PostgreSQL, so that none stops it while another uses it.
    var usersLock: String { root + "/postgres.users.lock" }

    /// A libpq URI. The directory is in a query parameter, because its slashes would end the host part.
    package var url: String {
        "postgresql://\(Self.name)@/\(Self.name)?host=\(Self.percentEncoded(socketDirectory))&port=5432"
    }

    /// Whether the cluster exists; it gets its final path only when it is complete.
    package var isMade: Bool { unsafe access(cluster + "/PG_VERSION", F_OK) == 0 }

    /// Whether a server was ever started here. It may be creating the cluster at this moment.
    var hasOwnerLock: Bool { unsafe access(ownerLock, F_OK) == 0 }

    /// The owner of the cluster; nil when there is none.
    var owner: uid_t? {
        var status = stat()
        return unsafe stat(cluster, &status) == 0 ? status.st_uid : nil
    }

    /// - Throws: `.socketPathTooLong`.
    func checkSocketPath() throws(PrivatePostgresError) {
        let bytes = socketPath.utf8.count
        guard bytes <= Self.longestSocketPath else {
            throw .socketPathTooLong(path: socketPath, bytes: bytes)
        }
    }

    /// Percent-encodes everything except letters, digits and `-._~/`, which need no encoding in a URI's query (RFC
    /// 3986).
    private static func percentEncoded(_ text: String) -> String {
        let plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/"
        return text.addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: plain)) ?? text
    }
}
