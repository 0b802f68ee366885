package import EventLoops
package import HTTPTypes
package import Sockets

/// A request whose response has been sent, with what the access log and the metrics need.
package struct FinishedRequest {
    /// The request, or its stand-in when the bytes were not a valid request.
    let received: Request
    package let status: HTTPResponse.Status
    /// The time from the turn of the loop in which the request was complete until the response was passed
    /// to the socket.
    package let nanoseconds: Int64
    /// The length of the response in bytes, head and body.
    package let sentBytes: Int
    /// Why the response is incomplete; nil when it is complete.
    package let cut: StreamCut?

    /// The request; nil when the parser refused it or the connection was refused.
    package var request: Request? { received.isReadable ? received : nil }

    /// The loop of the connection.
    package var loop: EventLoop { received.loop }

    package var requestID: String { received.requestID }

    /// The client's address; behind trusted proxies the one that they forwarded.
    package var remoteAddress: SocketAddress { received.remoteAddress }

    /// The route's pattern, such as `/api/v1/fleets/{fleet_id}/status`; `unmatched` without a route. Never a raw path.
    package var route: String { received.routeLabel }

    /// The length of the request's body in bytes.
    package var receivedBytes: Int { received.body.count }
}

/// Receives an endpoint's events, for logs and metrics. It is called on the loop where they happen and must not block.
package protocol EndpointObserver: ConnectionObserver {
    func requestFinished(_ finished: FinishedRequest)
    /// The producer of a streamed response threw `error`; `requestFinished` follows.
    func responseFailed(_ error: any Error, requestID: String)
}
