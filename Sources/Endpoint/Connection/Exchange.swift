internal import EventLoops
internal import HTTP1
internal import HTTPTypes
internal import Sockets

/// What an answer needs to know of its request.
struct Exchange {
    /// Nil when what arrived was no request.
    let request: Request?
    let requestID: String
    let remoteAddress: SocketAddress
    let receivedAt: MonotonicInstant
    let version: HTTPVersion
    let isHead: Bool
    let keepAlive: Bool

    /// - Parameter isLast: whether its answer is the connection's last one, whatever the client wishes.
    init(_ request: Request, isLast: Bool = false) {
        self.request = request
        requestID = request.requestID
        remoteAddress = request.remoteAddress
        receivedAt = request.receivedAt
        version = request.head.version
        isHead = request.method == .head
        keepAlive = request.head.keepAlive && !isLast
    }

    /// For what is no request: the answer is the connection's last one.
    init(failedAt now: MonotonicInstant, requestID: String, remoteAddress: SocketAddress) {
        request = nil
        self.requestID = requestID
        self.remoteAddress = remoteAddress
        receivedAt = now
        version = .http11
        isHead = false
        keepAlive = false
    }
}

/// An answer that is ready to be written.
enum Answer {
    case response(Response)
    case prepared(PreparedResponse)
    case upgrade(WebSocketUpgrade, accept: String)
}
