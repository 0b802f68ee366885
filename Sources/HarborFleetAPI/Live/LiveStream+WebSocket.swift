package import Broadcast
package import Endpoint
internal import WebSockets

/// Messages from clients are ignored, so that a later version may give them a meaning.
extension LiveStream: WebSocketDelegate {
    func drained(_ channel: WebSocketChannel) {
        release()
    }

    func closed(_ channel: WebSocketChannel, code: CloseCode?, reason: [UInt8]) {
        end()
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
