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
    private struct Kind: Equatable {
        let route: ObjectIdentifier?
        let status: Int
        let method: HTTPRequest.Method
    }

    /// They are gone through one by one; further kinds are looked up elsewhere.
    private static let capacity = 32

    private var kinds: [Kind] = []
    /// Of the kind at the same index.
    private var handles: [RequestHandles] = []

    func handles(of finished: FinishedRequest) -> RequestHandles? {
        guard let kind = kind(of: finished), let index = kinds.firstIndex(of: kind) else { return nil }
        return handles[index]
    }

    func remember(_ handles: RequestHandles, of finished: FinishedRequest) {
        guard kinds.count < Self.capacity, let kind = kind(of: finished) else { return }
        kinds.append(kind)
        self.handles.append(handles)
    }

    private func kind(of finished: FinishedRequest) -> Kind? {
        guard let request = finished.request else { return nil }
        return Kind(route: request.routeIdentity, status: finished.status.code, method: request.method)
    }
}
