package import EventLoops
package import HTTP1
package import HTTPTypes
package import Sockets

/// A complete request on its way through middleware and handler. An object, because many hold it on that way and
/// its parts would each be retained.
package final class Request: Sendable {
    package let head: RequestHead
    /// The whole body.
    package let body: [UInt8]
    /// The client's address; behind trusted proxies the one that they forwarded.
    package let remoteAddress: SocketAddress
    /// What the answer's `X-Request-Id` says: the client's id when it is sane, else a new one.
    package let requestID: String
    /// The turn of the loop in which the request was complete.
    package let receivedAt: MonotonicInstant
    /// The loop of the connection.
    package let loop: EventLoop
    /// The route that the path led to; nil while there is none.
    let route: Route?

    init(
        head: RequestHead, body: [UInt8], remoteAddress: SocketAddress, requestID: String,
        receivedAt: MonotonicInstant, loop: EventLoop, route: Route?
    ) {
        self.head = head
        self.body = body
        self.remoteAddress = remoteAddress
        self.requestID = requestID
        self.receivedAt = receivedAt
        self.loop = loop
        self.route = route
    }

    package var method: HTTPRequest.Method { head.method }

    /// The route's pattern with `{parameters}`, `unmatched` without a route: safe for metric labels.
    package var routeLabel: String { route?.label ?? Route.unmatchedLabel }

    /// Tells the routes apart, for memory that is kept per route; nil without a route.
    package var routeIdentity: ObjectIdentifier? { route.map(ObjectIdentifier.init) }

    /// What the route's pattern took from the path.
    package var parameters: PathParameters {
        PathParameters(path: head.pathBytes, captures: route?.captures ?? [])
    }

    /// The query's names and values, decoded anew at each call.
    package var query: QueryParameters { QueryParameters(head.query) }
}
