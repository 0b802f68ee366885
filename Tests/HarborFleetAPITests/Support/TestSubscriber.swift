import Broadcast
import EventLoops
import HarborFleetTesting
import WebSockets

/// A subscriber without a socket that keeps its messages. Only its loop touches it.
final class TestSubscriber: Subscriber {
    let loop: EventLoop
    var isBlocked = false
    var pendingBytes = 0
    let roomyBytes = 500_000
    private(set) var messages: [String] = []
    /// The messages for a test that waits off the loop.
    let received = EventRecorder<String>()
    private(set) var end: StreamEnd?
    private var decoder = FrameDecoder(role: .client)

    init(on loop: EventLoop) {
        self.loop = loop
    }

    var isOpen: Bool { end == nil }

    func send(shared bytes: [UInt8]) {
        var offset = 0
        while case .text(let text) = try? decoder.next(bytes.span, &offset) {
            let message = String(decoding: text, as: UTF8.self)
            messages.append(message)
            received.record(message)
        }
    }

    func batch(_ body: () -> Void) { body() }

    func close(_ reason: StreamEnd) { end = reason }
}

extension EventLoop {
    /// Runs `body` on the loop and returns its result.
    func run<Value: Sendable>(_ body: @Sendable () -> Value) async -> Value {
        await withTaskExecutorPreference(self) { body() }
    }
}
