internal import FoundationEssentials
internal import Glibc
internal import Processes

/// The state of a cluster's server, as seen from outside.
enum PostmasterCondition: Sendable, Equatable {
    /// No server runs, or the process that `postmaster.pid` names has long ended.
    case absent
    /// The server recovers, or is about to accept connections.
    case starting(pid_t)
    /// The server accepts connections.
    case ready(pid_t)
    /// The server has got the signal to end.
    case stopping(pid_t)

    /// Determines the state. A process id alone proves nothing, because ids are reused. So a server that is ready
    /// must also listen on our socket, and one that is not ready must at least be a PostgreSQL process.
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
