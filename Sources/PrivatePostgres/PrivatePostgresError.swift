package import Processes

/// Why the private PostgreSQL cannot be used. Each text says what an operator can do about it.
package enum PrivatePostgresError: Error, Equatable {
    /// The directory, the lock or a file in it cannot be created or read.
    case directory(path: String, reason: String)
    /// The Unix socket's path is longer than the kernel's 107 bytes.
    case socketPathTooLong(path: String, bytes: Int)
    /// The user that PostgreSQL runs as may not enter a directory.
    case unreachable(directory: String, user: String)
    /// The cluster belongs to another user than the one that would run it.
    case foreignCluster(path: String, owner: UInt32, user: UInt32)
    /// No PostgreSQL server is installed, or none of the version that created the cluster.
    case missingServer(version: Int?)
    /// The process was started by root, and no tool to switch to another user is installed.
    case missingTool(String)
    /// Only `nobody` is left to run the cluster, or owns it already. All processes of that user could read the
    /// database.
    case sharedUser(cluster: String?)
    /// Another process uses this directory's PostgreSQL; nil when it is not known which.
    case inUse(directory: String, holder: LockHolder?)
    /// A command needs a cluster, and none has been created.
    case missing(directory: String)
    /// The cluster could not be created.
    case initializing(output: String)
    /// The server ended before it was ready.
    case starting(output: String)
    /// A process could not be started.
    case spawning(ChildProcess.Failure)
}

extension PrivatePostgresError {
    init(_ failure: FileFailure) {
        self = .directory(
            path: failure.path, reason: "\(failure.reason). Set HARBOR_DATA_DIR to another path")
    }
}

extension PrivatePostgresError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .directory(let path, let reason):
            "\(path): \(reason)"
        case .socketPathTooLong(let path, let bytes):
            """
            the path of PostgreSQL's socket is \(bytes) bytes long, but at most \(ClusterLayout.longestSocketPath) \
            are possible: \(path). Set HARBOR_DATA_DIR to a shorter path
            """
        case .unreachable(let directory, let user):
            """
            the user '\(user)', who runs the private PostgreSQL, may not enter \(directory). Allow it \
            (chmod o+x), or set HARBOR_DATA_DIR to another path
            """
        case .foreignCluster(let path, let owner, let user):
            """
            \(path) belongs to the user with id \(owner), this process runs as \(user). Run as its owner, or set \
            HARBOR_DATA_DIR to another path
            """
        case .missingServer(let version):
            """
            no PostgreSQL server\(version.map { " of version \($0)" } ?? "") under /usr/lib/postgresql or in PATH. \
            Install Debian's package postgresql\(version.map { "-\($0)" } ?? ""), or set DATABASE_URL
            """
        case .missingTool(let name):
            "PostgreSQL must not run as root, and \(name) is missing. Install it, or set DATABASE_URL"
        case .sharedUser(nil):
            """
            the private PostgreSQL does not run as 'nobody': other programs do, and each of them could read the \
            database. Install Debian's package postgresql, which creates the user postgres, start harbor-fleet as a \
            user of its own, or set DATABASE_URL
            """
        case .sharedUser(let cluster?):
            """
            \(cluster) belongs to 'nobody': other programs run as that user, and each of them could read the \
            database. Give it to the user postgres of Debian's package postgresql (chown -R postgres: \(cluster)), or \
            to the user that starts harbor-fleet, or set DATABASE_URL
            """
        case .inUse(let directory, let holder):
            """
            another harbor-fleet\(holder.map { ", \($0)," } ?? "") uses the private PostgreSQL in \(directory). Stop \
            it, or set HARBOR_DATA_DIR
            """
        case .missing(let directory):
            """
            there is no private PostgreSQL in \(directory). Set HARBOR_DATA_DIR or DATABASE_URL to the server's value; \
            if none has been created yet, start the server first, or run this command with --init
            """
        case .initializing(let output):
            "the private PostgreSQL could not be created: \(output)"
        case .starting(let output):
            "the private PostgreSQL did not start: \(output)"
        case .spawning(let failure):
            "\(failure)"
        }
    }
}
