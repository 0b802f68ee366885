internal import Endpoint
internal import HTTPTypes
internal import Metrics

/// What counts the requests of one kind.
struct RequestHandles {
    let count: Counter
    let seconds: Metrics.Timer
}

/// The handles of the kinds of request that one loop has seen: finding them costs no lock and no hash. Touched on
/// its loop only.
final class HandleMemo {
    private struct Entry {
        let route: ObjectIdentifier?
        let method: HTTPRequest.Method
        let status: Int
        let handles: RequestHandles
    }

    /// They are gone through one by one; further kinds are looked up elsewhere.
    private static let capacity = 32

    private var entries: [Entry] = []

    func handles(of finished: FinishedRequest) -> RequestHandles? {
        guard let request = finished.request else { return nil }
        let status = finished.status.code
        let route = request.routeIdentity
        for entry in entries
        where entry.route == route && entry.status == status && entry.method == request.method {
            return entry.handles
        }
        return nil
    }

    func remember(_ handles: RequestHandles, of finished: FinishedRequest) {
        guard entries.count < Self.capacity, let request = finished.request else { return }
        entries.append(
            Entry(
                route: request.routeIdentity, method: request.method, status: finished.status.code,
                handles: handles))
    }
}
