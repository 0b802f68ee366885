package import EventLoops
package import HTTP1
package import HTTPTypes
package import Sockets

/// A complete request, as its handler receives it. It is an object, because many parts of the endpoint hold it, and a
/// struct would retain and release each of its fields at each copy.
package final class Request: Sendable {
    package let head: RequestHead
    /// The whole body.
    package let body: [UInt8]
    /// The client's address; behind trusted proxies the one that they forwarded.
    package let remoteAddress: SocketAddress
    /// Whether a trusted proxy sent the request. Only then may its forwarding fields be believed.
    package let isFromTrustedProxy: Bool
    /// The value of the response's `X-Request-Id`: the client's id if it is valid, else a new one.
    let id: RequestID
    /// The time of the turn of the loop in which the request was complete. A request that must wait for earlier
    /// responses gets the time at which its wait ended.
    package let receivedAt: MonotonicInstant
    /// The loop of the connection.
    package let loop: EventLoop
    /// The route and the other facts that follow from the head alone.
    let slot: RouteSlot
    /// Whether the connection closes after the response, even if the client wants to keep it.
    let isLast: Bool

    init(
        head: RequestHead, slot: RouteSlot, body: [UInt8], remoteAddress: SocketAddress,
        isFromTrustedProxy: Bool, id: RequestID, receivedAt: MonotonicInstant, loop: EventLoop, isLast: Bool
    ) {
        self.head = head
        self.slot = slot
        self.body = body
        self.remoteAddress = remoteAddress
        self.isFromTrustedProxy = isFromTrustedProxy
        self.id = id
        self.receivedAt = receivedAt
        self.loop = loop
        self.isLast = isLast
    }

    package var method: HTTPRequest.Method { head.method }

    /// The text of `X-Request-Id`. For a generated id, each access allocates it.
    package var requestID: String { id.text }

    /// The route that the path leads to; nil if there is none.
    var route: Route? { slot.decision.route }

    /// Whether this is a real request. False if it stands in for bytes that the parser refused, or for
    /// a refused connection.
    var isReadable: Bool { slot !== RouteSlot.unreadable }

    /// Whether the connection may stay open after the response.
    var keepAlive: Bool { head.keepAlive && !isLast }

    /// The route's pattern with `{parameters}`, or `unmatched` without a route. It is safe as a metric label, because
    /// clients cannot add values.
    package var routeLabel: String { route?.label ?? Route.unmatchedLabel }

    /// The index of the pair of route and method, for tables with an entry for each; nil when no route handles the
    /// request. A route has one method. A route for GET also handles HEAD, which has an index of its own.
    package var routeMethodIndex: Int? {
        guard case .route(let route) = slot.decision else { return nil }
        return route.index * 2 + (slot.isHead ? 1 : 0)
    }

    /// The path's values for the parameters of the route's pattern.
    package var parameters: PathParameters {
        PathParameters(path: head.pathBytes, captures: route?.captures ?? [])
    }

    /// The query's names and values. Each access decodes them again.
    package var query: QueryParameters { QueryParameters(head.query) }
}
