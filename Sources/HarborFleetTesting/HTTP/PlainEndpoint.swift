package import Endpoint
internal import HTTP1
internal import HTTPTypes
package import Sockets
package import WebSockets

/// Responds to the endpoint's own errors with plain text, when a test has no `ErrorResponder` of its own.
package enum PlainErrorResponder {
    /// Status and one sentence; an error that is neither the endpoint's nor the parser's is a 500 that reveals
    /// nothing.
    @Sendable package static func respond(to error: any Error, requestID: String) -> Response {
        switch error {
        case let error as EndpointError: text(error.status, "\(error)")
        case let error as RequestError: text(error.status, error.detail)
        default: text(.internalServerError, "The server failed to respond.")
        }
    }

    private static func text(_ status: HTTPResponse.Status, _ detail: String) -> Response {
        Response(
            status, fields: [.contentType: "text/plain; charset=utf-8"],
            body: .bytes(Array("\(detail)\n".utf8)))
    }
}

/// Ignores all events.
package struct SilentObserver: EndpointObserver {
    package init() {}
}

extension EndpointObserver {
    package func connectionOpened() {}
    package func connectionClosed() {}
    package func refused(_ refusal: Refusal, from address: SocketAddress?) {}
    package func bodyEnded(_ cause: BodyEnd) {}
    package func webSocketOpened(route: String) {}
    package func webSocketClosed(route: String, code: CloseCode?, duration: Duration) {}
    package func requestFinished(_ finished: FinishedRequest) {}
    package func responseFailed(_ error: any Error, requestID: String) {}
}
