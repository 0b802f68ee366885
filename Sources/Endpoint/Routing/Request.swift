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
    /// What the answer's `X-Request-Id` says: the client's id when it is sane, else a new one.
    let id: RequestID
    /// The turn of the loop in which the request was complete, or in which it was its turn.
    package let receivedAt: MonotonicInstant
    /// The loop of the connection.
    package let loop: EventLoop
    /// The route that the path led to; nil while there is none.
    let route: Route?
    /// Whether that route answers, and not merely lends its label: then the method is its own, or HEAD for its GET.
    let isRouted: Bool

    init(
        head: RequestHead, body: [UInt8], remoteAddress: SocketAddress, isFromTrustedProxy: Bool,
        id: RequestID, receivedAt: MonotonicInstant, loop: EventLoop, route: Route?, isRouted: Bool
    ) {
        self.head = head
        self.body = body
        self.remoteAddress = remoteAddress
        self.isFromTrustedProxy = isFromTrustedProxy
        self.id = id
        self.receivedAt = receivedAt
        self.loop = loop
        self.route = route
        self.isRouted = isRouted
    }

    package var method: HTTPRequest.Method { head.method }

    /// The text of `X-Request-Id`; a new id's is made anew at each call.
    package var requestID: String { id.text }

    /// The route's pattern with `{parameters}`, `unmatched` without a route: safe for metric labels.
    package var routeLabel: String { route?.label ?? Route.unmatchedLabel }

    /// Tells the routes apart, for memory that is kept per route; nil when none of them answers.
    package var routeIdentity: ObjectIdentifier? { isRouted ? route.map(ObjectIdentifier.init) : nil }

    /// What the route's pattern took from the path.
    package var parameters: PathParameters {
        PathParameters(path: head.pathBytes, captures: route?.captures ?? [])
    }

    /// The query's names and values, decoded anew at each call.
    package var query: QueryParameters { QueryParameters(head.query) }
}
