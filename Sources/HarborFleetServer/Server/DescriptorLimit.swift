internal import Glibc

/// How many descriptors this process may hold (getrlimit(2)).
enum DescriptorLimit {
    /// Descriptors that are not clients' connections: PostgreSQL, loops, files, and some air.
    private static let reserved = 64
    /// As many as anybody's server is ever given; more only makes tables big.
    private static let most: rlim_t = 1_048_576

    /// Raises the soft limit to the hard one and returns how many connections fit under it, at least 64.
    static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { return 960 }
        let wanted = min(limit.rlim_max, most)
        if limit.rlim_cur < wanted {
            var raised = limit
            raised.rlim_cur = wanted
            if unsafe setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return max(Int(clamping: min(limit.rlim_cur, most)) - reserved, 64)
    }
}
