internal import FoundationEssentials
internal import Glibc
internal import Processes

/// What can be seen of a cluster's server from outside.
enum PostmasterCondition: Sendable, Equatable {
    /// Nobody runs it, or what `postmaster.pid` names is long gone.
    case absent
    /// It recovers, or is about to take connections.
    case starting(pid_t)
    /// It takes connections.
    case ready(pid_t)
    /// It has been told to end.
    case stopping(pid_t)

    /// Looks. A process id alone proves nothing, as numbers are used again: a server that is ready must also be the
    /// one that listens on our socket, and one that is not must at least be a PostgreSQL.
    static func observe(_ layout: ClusterLayout) -> PostmasterCondition {
        guard let file = PostmasterFile(path: layout.postmasterFile), ProcessTable.isAlive(file.processID),
            isPostgres(file.processID)
        else { return .absent }
        switch file.status {
        case .ready, .standby:
            return SocketProbe.listener(at: layout.socketPath) == file.processID
                ? .ready(file.processID) : .absent
        case .starting, nil: return .starting(file.processID)
        case .stopping: return .stopping(file.processID)
        }
    }

    private static func isPostgres(_ id: pid_t) -> Bool {
        let name = try? String(contentsOfFile: "/proc/\(id)/comm", encoding: .utf8)
        return name?.hasPrefix("postgres") == true || name?.hasPrefix("postmaster") == true
    }
}
