internal import EventLoops
internal import HTTP1
internal import HTTPTypes
internal import Sockets

/// Passes the requests of one loop to their handlers and the replies back: finds routes, gives requests an id, turns
/// errors into responses, completes responses with filters, and notifies the observer. Touched on its loop
/// only.
final class Dispatcher {
    /// The heads that the connections of this loop read last. It has no run-time check for exclusive access: only this
    /// loop reads heads, one after the other, and accesses cannot overlap, because the parser calls no other code.
    @safe @exclusivity(unchecked) var heads = HeadCache()
    private let loop: EventLoop
    private let configuration: EndpointConfiguration
    private let router: Router
    private let filters: [any ResponseFilter]
    private let observer: any EndpointObserver
    private let errorResponder: ErrorResponder
    private var requestIDs = RequestIDs()

    init(
        on loop: EventLoop, _ configuration: EndpointConfiguration, router: Router,
        filters: [any ResponseFilter], observer: any EndpointObserver,
        errorResponder: @escaping ErrorResponder
    ) {
        self.loop = loop
        self.configuration = configuration
        self.router = router
        self.filters = filters
        self.observer = observer
        self.errorResponder = errorResponder
    }

    // MARK: Requests

    /// The route and the id that follow from a head alone. A head that may be repeated keeps them for the next request.
    func slot(of head: RequestHead) -> RouteSlot {
        if let known = head.attachment as? RouteSlot { return known }
        let slot = RouteSlot(
            router.decision(on: head), isHead: head.method == .head, givenID: head[.requestID])
        if head.mayComeAgain { head.attachment = slot }
        return slot
    }

    /// - Parameter isLast: whether the connection closes after the response, even if the client wants to keep it.
    func request(
        _ head: RequestHead, _ slot: RouteSlot, body: [UInt8] = [], from peer: SocketAddress,
        isLast: Bool = false
    ) -> Request {
        Request(
            head: head, slot: slot, body: body, remoteAddress: clientAddress(of: peer, head),
            isFromTrustedProxy: configuration.isTrustedProxy(peer), id: slot.givenID ?? nextRequestID(),
            receivedAt: loop.now, loop: loop, isLast: isLast)
    }

    /// Stands in for a request where there is none: the parser refused the bytes, or the endpoint
    /// refuses the connection.
    func unreadable(isHead: Bool, from peer: SocketAddress) -> Request {
        Request(
            head: .unreadable(isHead: isHead), slot: .unreadable, body: [], remoteAddress: peer,
            isFromTrustedProxy: false, id: nextRequestID(), receivedAt: loop.now, loop: loop, isLast: true)
    }

    /// Works on a copy of the generator, because a local value needs no run-time check for exclusive access.
    private func nextRequestID() -> RequestID {
        var ids = requestIDs
        defer { requestIDs = ids }
        return ids.next()
    }

    /// The client's address: the peer's, or behind trusted proxies the one that they forwarded.
    func clientAddress(of peer: SocketAddress, _ head: RequestHead) -> SocketAddress {
        let trusted = configuration.trustedProxies
        guard !trusted.isEmpty else { return peer }
        return ForwardedAddress.client(peer: peer, forwarded: head[.forwardedFor], trusted: trusted)
    }

    // MARK: Replies

    /// The reply of the request's route, or the error response if no route handles it.
    func reply(to request: Request) -> Reply {
        switch request.slot.decision {
        case .route(let route):
            loop.begins(route.work)
            do {
                return completed(try route.handler(request), request)
            } catch {
                return .now(response(to: error, request))
            }
        case .options(let table):
            return .now(completed(Response(.noContent, fields: [.allow: table.allowed]), request))
        case .refused(let error, _): return .now(response(to: error, request))
        }
    }

    /// The reply to a request whose handler replied asynchronously, or which failed.
    func reply(to request: Request, _ result: Result<Reply, any Error>) -> Reply {
        // The loop time that the handler's task used before it ended counts for its route, too.
        if let route = request.route { loop.begins(route.work) }
        switch result {
        case .success(let reply): return completed(reply, request)
        case .failure(let error): return .now(response(to: error, request))
        }
    }

    private func completed(_ reply: Reply, _ request: Request) -> Reply {
        switch reply {
        case .prepared, .decidedLater: return reply
        case .now(let response): return .now(completed(response, request))
        case .streamed(var streamed):
            streamed.head = completed(streamed.head, request)
            return .streamed(streamed)
        case .upgrade(var upgrade):
            do throws(EndpointError) {
                try upgrade.accept(request.head)
                return .upgrade(upgrade)
            } catch {
                return .now(response(to: error, request))
            }
        }
    }

    private func completed(_ response: Response, _ request: Request) -> Response {
        var response = response
        if request.isReadable { filters.complete(&response, for: request) }
        return response
    }

    private func response(to error: any Error, _ request: Request) -> Response {
        var response = errorResponder(error, request.requestID)
        for field in (error as? EndpointError)?.fields ?? [:] where response.fields[field.name] == nil {
            response.fields[field.name] = field.value
        }
        return completed(response, request)
    }

    // MARK: Reports to the observer

    /// Reports that the response has been passed to the socket, completely or as far as it will be.
    /// - Parameters:
    ///   - cut: why the response is incomplete; nil when it is complete.
    ///   - error: what the producer of its body threw.
    func finished(
        _ request: Request, _ status: HTTPResponse.Status, sentBytes: Int, cut: StreamCut? = nil,
        error: (any Error)? = nil
    ) {
        if let error { observer.responseFailed(error, requestID: request.requestID) }
        observer.requestFinished(
            FinishedRequest(
                received: request, status: status,
                nanoseconds: loop.readClock().nanoseconds(since: request.receivedAt), sentBytes: sentBytes,
                cut: cut))
    }
}
