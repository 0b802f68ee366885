internal import Foundation
internal import Glibc

/// Where the private PostgreSQL's parts lie in the data directory.
package struct ClusterLayout: Sendable, Equatable {
    /// What fits into `sockaddr_un.sun_path` with its final zero (unix(7)).
    static let longestSocketPath = 107
    /// The role and the database.
    static let name = "harbor_fleet"

    /// The data directory, absolute.
    package let root: String

    package init(root: String) {
        self.root = root
    }

    /// PGDATA.
    var cluster: String { root + "/postgres" }
    /// Where a cluster is made, before it is renamed: a half-made one never looks like a whole one.
    var unfinishedPrefix: String { "postgres.new-" }
    var postmasterFile: String { cluster + "/postmaster.pid" }
    /// Holds the socket alone; mode 0700, so who can enter it is who may connect.
    var socketDirectory: String { root + "/run" }
    var socketPath: String { socketDirectory + "/.s.PGSQL.5432" }
    /// What PostgreSQL prints; it outlives us, so it cannot print into a pipe of ours.
    var log: String { root + "/postgres.log" }
    /// Held by the process that starts and stops PostgreSQL.
    var ownerLock: String { root + "/postgres.lock" }
    /// Shared by commands that use it, so that none stops it under another.
    var usersLock: String { root + "/postgres.users.lock" }

    /// A libpq URI. The directory stands in a parameter, as its slashes must not end the host part.
    package var url: String {
        "postgresql://\(Self.name)@/\(Self.name)?host=\(Self.percentEncoded(socketDirectory))&port=5432"
    }

    /// Whether the cluster was made; it gets its place when it is whole.
    package var isMade: Bool { unsafe access(cluster + "/PG_VERSION", F_OK) == 0 }

    /// Whether a server was ever started here, which may be making the cluster at this moment.
    var hasOwnerLock: Bool { unsafe access(ownerLock, F_OK) == 0 }

    /// Who owns the cluster; nil when there is none.
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

    /// Percent-encodes all but letters, digits and `-._~/`, which need it nowhere in a URI's query (RFC 3986).
    private static func percentEncoded(_ text: String) -> String {
        let plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/"
        return text.addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: plain)) ?? text
    }
}
