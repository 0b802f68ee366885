package import EventLoops
package import HTTPTypes
package import Sockets

/// A request that has its response: what an access log and the metrics want to know.
package struct FinishedRequest {
    /// What was received, also when it was no request.
    let received: Request
    package let status: HTTPResponse.Status
    /// From the turn in which the request was complete to the hand-over of the response to the socket.
    package let nanoseconds: Int64
    /// The length of the response, head and body.
    package let sentBytes: Int
    /// Why less was sent than the whole response; nil when nothing is missing.
    package let cut: StreamCut?

    /// The request; nil when the parser refused it or the connection was refused.
    package var request: Request? { received.isReadable ? received : nil }

    /// The loop of the connection.
    package var loop: EventLoop { received.loop }

    package var requestID: String { received.requestID }

    /// The client's address, behind trusted proxies the forwarded one.
    package var remoteAddress: SocketAddress { received.remoteAddress }

    /// The route's pattern, `/api/v1/fleets/{fleet_id}/status`; `unmatched` without one. Never a raw path.
    package var route: String { received.routeLabel }

    /// The length of the request's body.
    package var receivedBytes: Int { received.body.count }
}

/// Told what an endpoint does, for logs and metrics. Called on the loop where it happens: it must not block.
package protocol EndpointObserver: ConnectionObserver {
    func requestFinished(_ finished: FinishedRequest)
    /// What a streamed response's producer threw; `requestFinished` follows.
    func responseFailed(_ error: any Error, requestID: String)
}
