internal import Endpoint
internal import HTTPTypes
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
    /// A route has one method of its own, and a GET's handles HEAD too.
    private struct Kind {
        let status: Int
        let isHead: Bool
        let handles: RequestHandles
    }

    /// By `Request.routeIndex`. A route has few statuses.
    private var routes: [[Kind]] = []

    func handles(
        of request: Request, _ status: HTTPResponse.Status, orMake make: () -> RequestHandles
    ) -> RequestHandles {
        guard let index = request.routeIndex else { return make() }
        if index < routes.count {
            for kind in routes[index] where kind.status == status.code && kind.isHead == request.head.isHead {
                return kind.handles
            }
        }
        let made = Kind(status: status.code, isHead: request.head.isHead, handles: make())
        // Rare. Never changed in place, the list needs no check for exclusive access where it is read.
        var more = routes
        while more.count <= index { more.append([]) }
        more[index].append(made)
        routes = more
        return made.handles
    }
}
