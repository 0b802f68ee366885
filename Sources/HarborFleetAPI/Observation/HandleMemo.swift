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

/// The handles of the kinds of request that one loop has seen: finding them costs no lock and no hash. Touched on
/// its loop only.
final class HandleMemo {
    /// A route has one method of its own, and a GET's answers HEAD too.
    private struct Kind: Equatable {
        let route: ObjectIdentifier
        let status: Int
        let isHead: Bool
    }

    /// They are gone through one by one; further kinds are looked up elsewhere.
    private static let capacity = 32

    private var kinds: [Kind] = []
    /// Of the kind at the same index.
    private var handles: [RequestHandles] = []

    func handles(of request: Request, _ status: HTTPResponse.Status) -> RequestHandles? {
        guard let kind = kind(of: request, status), let index = kinds.firstIndex(of: kind) else { return nil }
        return handles[index]
    }

    func remember(_ handles: RequestHandles, of request: Request, _ status: HTTPResponse.Status) {
        guard kinds.count < Self.capacity, let kind = kind(of: request, status) else { return }
        // Rare. Never changed in place, they need no check for exclusive access where they are read.
        kinds = kinds + [kind]
        self.handles = self.handles + [handles]
    }

    private func kind(of request: Request, _ status: HTTPResponse.Status) -> Kind? {
        guard let route = request.routeIdentity else { return nil }
        return Kind(route: route, status: status.code, isHead: request.head.isHead)
    }
}
