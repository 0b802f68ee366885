internal import Metrics

/// The metrics that count the requests of one kind.
final class RequestHandles: Sendable {
    let count: Counter
    let seconds: Metrics.Timer

    init(count: Counter, seconds: Metrics.Timer) {
        self.count = count
        self.seconds = seconds
    }
}

/// The metrics that one loop has used so far, by route, so that finding them costs neither a lock nor a hash.
/// Used on its loop only.
final class RouteHandles {
    private struct Kind {
        let status: Int
        let handles: RequestHandles
    }

    /// By a small number for route and method. Each has few statuses.
    private var routes: [[Kind]] = []

    /// - Parameter index: the number of the request's route and method.
    func handles(of index: Int, status: Int, orMake make: () -> RequestHandles) -> RequestHandles {
        if index < routes.count {
            for kind in routes[index] where kind.status == status { return kind.handles }
        }
        let made = Kind(status: status, handles: make())
        // Rare. The list is replaced, never changed in place, so that reading it needs no check for exclusive access.
        var more = routes
        while more.count <= index { more.append([]) }
        more[index].append(made)
        routes = more
        return made.handles
    }
}
