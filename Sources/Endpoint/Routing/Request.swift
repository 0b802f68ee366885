package import EventLoops
package import HTTP1
package import HTTPTypes
package import Sockets

/// A complete request on its way to its handler and back. An object, because many hold it on that way and
/// its parts would each be retained.
package final class Request: Sendable {
    package let head: RequestHead
    /// The whole body.
    package let body: [UInt8]
    /// The client's address; behind trusted proxies the one that they forwarded.
    package let remoteAddress: SocketAddress
    /// Whether a trusted proxy sent it: then what it forwards of its client counts.
    package let isFromTrustedProxy: Bool
    /// What the response's `X-Request-Id` says: the client's id when it is sane, else a new one.
    let id: RequestID
    /// The turn of the loop in which the request was complete, or in which it was its turn.
    package let receivedAt: MonotonicInstant
    /// The loop of the connection.
    package let loop: EventLoop
    /// What follows from the head alone.
    let slot: RouteSlot
    /// Whether its response is the connection's last one, whatever the client wishes.
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

    /// The text of `X-Request-Id`; a new id's is made anew at each call.
    package var requestID: String { id.text }

    /// The route that the path led to; nil while there is none.
    var route: Route? { slot.decision.route }

    /// Whether it is a request at all, and not bytes that the parser refused or a connection that was refused.
    var isReadable: Bool { slot !== RouteSlot.unreadable }

    /// Whether the connection may stay open after the response.
    var keepAlive: Bool { head.keepAlive && !isLast }

    /// The route's pattern with `{parameters}`, `unmatched` without a route: safe for metric labels.
    package var routeLabel: String { route?.label ?? Route.unmatchedLabel }

    /// A small number for its route and method, for what is kept by both; nil when no route handles it. A route has one
    /// method, and a route for GET handles HEAD too, which has a number of its own.
    package var routeMethodIndex: Int? {
        guard case .route(let route) = slot.decision else { return nil }
        return route.index * 2 + (slot.isHead ? 1 : 0)
    }

    /// What the route's pattern took from the path.
    package var parameters: PathParameters {
        PathParameters(path: head.pathBytes, captures: route?.captures ?? [])
    }

    /// The query's names and values, decoded anew at each call.
    package var query: QueryParameters { QueryParameters(head.query) }
}
