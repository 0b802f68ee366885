internal import Glibc

/// The limit of descriptors of this process (getrlimit(2)).
enum DescriptorLimit {
    /// The most that is used: no server needs more, and a higher limit only makes tables larger.
    private static let most: rlim_t = 1_048_576
    /// Used when the kernel does not report a limit: its usual soft limit.
    private static let usual = 1_024

    /// Raises the soft limit to the hard one and returns it.
    static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { return usual }
        let wanted = min(limit.rlim_max, most)
        if limit.rlim_cur < wanted {
            var raised = limit
            raised.rlim_cur = wanted
            if unsafe setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return Int(clamping: min(limit.rlim_cur, most))
    }
}

/// Divides the process's descriptors: first what the process itself needs, then the operations listener, then
/// the public listener. None of them can use another's share, whatever clients do.
struct DescriptorPlan: Equatable, Sendable {
    /// Connections of the operations listener.
    static let operationsConnections = 32
    /// Connections that each listener accepts beyond its limit only to respond with 503; on all loops together.
    static let operationsRefusals = 8
    private static let publicRefusals = 64

    /// For each loop: its epoll set, its eventfd, two listeners, and a connection that is accepted only to be
    /// closed.
    private static let perLoop = 5
    /// For the recorder's loop, which has no listeners.
    private static let recorderLoop = 2
    /// Database connections besides the pool for queries: those of the recorder and the schema, and those that
    /// cancel a statement or probe the server.
    private static let databaseBesidesPool = 12
    /// Standard streams, lock files, Dispatch's own descriptors, the private PostgreSQL's pipes, name look-ups,
    /// the demo's clients.
    private static let rest = 40
    /// The fewest connections with which the public listener can serve.
    private static let fewestConnections = 16

    /// The public listener's connections that are served.
    let connections: Int
    /// The public listener's connections that only get a 503.
    let refusals: Int

    /// - Parameters:
    ///   - limit: the descriptors that the process may hold.
    ///   - loops: event loops that serve requests.
    ///   - poolSize: connections to the database for queries.
    init(limit: Int, loops: Int, poolSize: Int) throws(DescriptorShortage) {
        let own =
            loops * Self.perLoop + Self.recorderLoop + poolSize + Self.databaseBesidesPool + Self.rest
        let reserved = own + Self.operationsConnections + Self.operationsRefusals
        let left = limit - reserved
        guard left >= Self.fewestConnections else {
            throw DescriptorShortage(
                limit: limit, needed: reserved + Self.fewestConnections, loops: loops, poolSize: poolSize)
        }
        refusals = min(left / 4, Self.publicRefusals)
        connections = left - refusals
    }
}

/// The process may not open enough files to serve at all.
struct DescriptorShortage: Error, Equatable, CustomStringConvertible {
    let limit: Int
    let needed: Int
    let loops: Int
    let poolSize: Int

    var description: String {
        "this process may open \(limit) files and needs at least \(needed) with \(loops) event loops and "
            + "\(poolSize) database connections: raise the limit (ulimit -n), or lower HARBOR_EVENT_LOOPS or "
            + "HARBOR_DATABASE_POOL_SIZE"
    }
}
