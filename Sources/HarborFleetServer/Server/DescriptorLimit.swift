internal import Glibc

/// How many descriptors this process may hold (getrlimit(2)).
enum DescriptorLimit {
    /// As many as anybody's server is ever given; more only makes tables big.
    private static let most: rlim_t = 1_048_576
    /// Where the kernel does not say: its usual soft limit.
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

/// How the descriptors of the process are shared out: first what it needs itself, then the operations listener, then
/// the public one. None of them can take another's, whatever strangers do.
struct DescriptorPlan: Equatable, Sendable {
    /// Connections of the operations listener.
    static let operationsConnections = 32
    /// Connections that each listener holds beyond its limit, only to answer 503; on all loops together.
    static let operationsRefusals = 8
    private static let publicRefusals = 64

    /// Of one loop: its epoll set and eventfd, two listeners, and a connection that is accepted to be closed.
    private static let perLoop = 5
    /// The recorder's loop has no listeners.
    private static let recorderLoop = 2
    /// Connections to the database besides the pool for queries: the recorder's, the schema's, those that cancel a
    /// statement or try whether the server is there.
    private static let databaseBesidesPool = 12
    /// Standard streams, lock files, Dispatch's own, the private PostgreSQL's pipes, name look-ups, the demo's clients.
    private static let rest = 40
    /// The fewest connections that the public listener can do with.
    private static let fewestConnections = 16

    /// Connections of the public listener that are served.
    let connections: Int
    /// Connections of the public listener that are told 503.
    let refusals: Int

    /// - Parameters:
    ///   - limit: descriptors that the process may hold.
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

/// The process may not open as many files as it needs to serve at all.
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
