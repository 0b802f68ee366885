internal import EventLoops
internal import HTTP1
internal import HTTPTypes
internal import Sockets

/// What an answer needs to know of its request.
enum Exchange {
    /// - isLast: whether its answer is the connection's last one, whatever the client wishes.
    case request(Request, isLast: Bool)
    /// What arrived was no request: the answer is the connection's last one.
    case failed(FailedExchange)

    /// Nil when what arrived was no request.
    var request: Request? {
        switch self {
        case .request(let request, _): request
        case .failed: nil
        }
    }

    var requestID: RequestID {
        switch self {
        case .request(let request, _): request.id
        case .failed(let failed): failed.requestID
        }
    }

    /// The client's address, behind trusted proxies the forwarded one.
    var remoteAddress: SocketAddress {
        switch self {
        case .request(let request, _): request.remoteAddress
        case .failed(let failed): failed.remoteAddress
        }
    }

    var receivedAt: MonotonicInstant {
        switch self {
        case .request(let request, _): request.receivedAt
        case .failed(let failed): failed.receivedAt
        }
    }

    var version: HTTPVersion {
        switch self {
        case .request(let request, _): request.head.version
        case .failed: .http11
        }
    }

    var isHead: Bool {
        switch self {
        case .request(let request, _): request.head.isHead
        case .failed(let failed): failed.isHead
        }
    }

    var keepAlive: Bool {
        switch self {
        case .request(let request, let isLast): request.head.keepAlive && !isLast
        case .failed: false
        }
    }
}

/// What is known of bytes that were no request. An object, so that an `Exchange` is one reference.
final class FailedExchange: Sendable {
    let requestID: RequestID
    let remoteAddress: SocketAddress
    let receivedAt: MonotonicInstant
    let isHead: Bool

    init(at now: MonotonicInstant, requestID: RequestID, remoteAddress: SocketAddress, isHead: Bool) {
        self.isHead = isHead
        self.requestID = requestID
        self.remoteAddress = remoteAddress
        receivedAt = now
    }
}

/// An answer that is ready to be written.
enum Answer {
    case response(Response)
    case prepared(PreparedResponse)
    case streamed(StreamedResponse)
    case upgrade(WebSocketUpgrade, accept: String)
}
