package import EventLoops
package import HTTPTypes
package import Sockets
package import WebSockets

/// A request that was answered: what an access log and the metrics want to know.
package struct FinishedRequest {
    let exchange: Exchange
    package let status: HTTPResponse.Status
    /// From the turn in which the request was complete to the hand-over of the answer to the socket.
    package let nanoseconds: Int64
    /// The length of the answer, head and body.
    package let sentBytes: Int
    /// Why less was sent than the whole answer; nil when nothing is missing.
    package let cut: StreamCut?

    /// The request; nil when the parser refused it or the connection was refused.
    package var request: Request? { exchange.request }

    package var requestID: String { exchange.requestID.text }

    /// The client's address, behind trusted proxies the forwarded one.
    package var remoteAddress: SocketAddress { exchange.remoteAddress }

    /// The route's pattern, `/api/v1/fleets/{fleet_id}/status`; `unmatched` without one. Never a raw path.
    package var route: String { request?.routeLabel ?? Route.unmatchedLabel }

    /// The length of the request's body.
    package var receivedBytes: Int { request?.body.count ?? 0 }
}

/// Why a connection was not served.
package enum Refusal: String, Sendable, CaseIterable {
    /// As many connections as allowed are open.
    case connections
    /// As many connections as allowed are open from this address.
    case connectionsPerAddress = "connections_per_address"
    /// Descriptors or memory ran out: accepting pauses a moment.
    case exhausted
}

/// Told what an endpoint does, for logs and metrics. Called on the loop where it happens: it must not block.
package protocol EndpointObserver: Sendable {
    func connectionOpened(on loop: EventLoop)
    func connectionClosed(on loop: EventLoop)
    func requestFinished(_ finished: FinishedRequest)
    /// What a streamed answer's producer threw; `requestFinished` follows.
    func answerFailed(_ error: any Error, requestID: String)
    func webSocketOpened(route: String)
    /// - Parameter code: the code that ended it: the peer's, or ours; nil when the connection was lost.
    func webSocketClosed(route: String, code: CloseCode?, duration: Duration)
    /// - Parameter address: the peer's; nil when it could not be accepted.
    func refused(_ refusal: Refusal, from address: SocketAddress?)
    /// A body was ended before it was complete; its request is answered with 408.
    func bodyEnded(_ cause: BodyEnd)
}

extension EndpointObserver {
    package func connectionOpened(on loop: EventLoop) {}
    package func connectionClosed(on loop: EventLoop) {}
    package func requestFinished(_ finished: FinishedRequest) {}
    package func answerFailed(_ error: any Error, requestID: String) {}
    package func webSocketOpened(route: String) {}
    package func webSocketClosed(route: String, code: CloseCode?, duration: Duration) {}
    package func refused(_ refusal: Refusal, from address: SocketAddress?) {}
    package func bodyEnded(_ cause: BodyEnd) {}
}

/// Looks away.
package struct SilentObserver: EndpointObserver {
    package init() {}
}
