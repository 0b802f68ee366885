package import Broadcast
package import Endpoint
internal import WebSockets

/// A WebSocket with one live stream. What clients say on it is ignored, so that a later version may use it.
final class LiveSession: WebSocketDelegate {
    private var start: ((WebSocketChannel) -> LiveStream?)?
    private var stream: LiveStream?

    /// - Parameter start: begins the stream. It is called once, and then released with the request that it holds.
    init(_ start: @escaping (WebSocketChannel) -> LiveStream?) {
        self.start = start
    }

    func opened(_ channel: WebSocketChannel) {
        stream = start?(channel)
        start = nil
    }

    func drained(_ channel: WebSocketChannel) {
        stream?.release()
    }

    func closed(_ channel: WebSocketChannel, code: CloseCode?, reason: [UInt8]) {
        stream?.end()
    }
}

extension WebSocketChannel: Subscriber {
    package var roomyBytes: Int { WebSocketLimits.standard.outboxBytes / 2 }

    package func send(shared bytes: [UInt8]) {
        send(encodedFrames: bytes)
    }

    package func close(_ reason: StreamEnd) {
        switch reason {
        case .topicRemoved: close(.goingAway, reason: "the fleet was removed")
        case .accessEnded: close(.policyViolation, reason: "the token is no longer valid")
        }
    }
}
