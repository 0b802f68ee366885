internal import Metrics

/// What counts the requests of one kind.
final class RequestHandles: Sendable {
    let count: Counter
    let seconds: Metrics.Timer

    init(count: Counter, seconds: Metrics.Timer) {
        self.count = count
        self.seconds = seconds
    }
}

/// The handles that one loop has needed, by route, so that finding them costs neither a lock nor a hash. Touched on its
/// loop only.
final class RouteHandles {
    private struct Kind {
        let status: Int
        let method: String
        let handles: RequestHandles
    }

    /// By the route's index, and first of all what no route handles. Each has few methods and statuses.
    private var routes: [[Kind]] = []

    /// - Parameters:
    ///   - index: `Request.routeIndex`; nil when no route handles it.
    ///   - method: one of few, whatever clients send.
    func handles(
        ofRoute index: Int?, method: String, status: Int, orMake make: () -> RequestHandles
    ) -> RequestHandles {
        let place = index.map { $0 + 1 } ?? 0
        if place < routes.count {
            for kind in routes[place] where kind.status == status && kind.method == method {
                return kind.handles
            }
        }
        let made = Kind(status: status, method: method, handles: make())
        // Rare. Never changed in place, the list needs no check for exclusive access where it is read.
        var more = routes
        while more.count <= place { more.append([]) }
        more[place].append(made)
        routes = more
        return made.handles
    }
}
