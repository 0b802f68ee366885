import Endpoint
import EventLoops
import HarborFleetTesting
import Testing
import WebSockets

@Suite(.timeLimit(.minutes(1))) struct SlowReaderTests {
    /// Fills the kernel's buffers, and sends a message when it hears that the reader has caught up.
    private final class Filler: WebSocketDelegate {
        static let frame: [UInt8] = {
            var bytes: [UInt8] = []
            FrameEncoder.append(.binary, payload: [UInt8](repeating: 5, count: 20_000), into: &bytes)
            return bytes
        }()

        /// - Parameter filled: gets the channel and the number of bytes in the kernel's buffers.
        init(
            _ channel: WebSocketChannel,
            filled: @escaping @Sendable (LoopBound<WebSocketChannel>, Int) -> Void
        ) {
            let bound = LoopBound(channel, on: channel.loop)
            // This runs outside of the batch in which the channel opens.
            channel.loop.execute {
                let channel = bound.value
                var sent = 0
                while !channel.isBlocked {
                    channel.send(encodedFrames: Self.frame)
                    sent += Self.frame.count
                }
                filled(bound, sent - channel.pendingBytes)
            }
        }

        func drained(_ channel: WebSocketChannel) { channel.send(text: Array("drained".utf8)) }
    }

    @Test func delegate_hearsThatTheReaderHasCaughtUp_thoughASendEmptiedTheOutbox() async throws {
        let (fills, report) = AsyncStream<(LoopBound<WebSocketChannel>, Int)>.makeStream()
        try await withServer { router in
            router.get("/fill") { _ in
                .upgrade(WebSocketUpgrade { Filler($0) { report.yield(($0, $1)) } })
            }
        } _: { port, server in
            let client = try await TestWebSocketClient(port: port, path: "/fill")
            var iterator = fills.makeAsyncIterator()
            let (channel, inKernel) = try #require(await iterator.next())
            // The next send finds the room in the socket before the loop does.
            let held = try await HeldLoop.hold(server) { _ in
                channel.value.send(text: Array("next".utf8))
            }
            _ = try await client.raw.bytes(inKernel)
            held.release()
            let tail = Array("next".utf8) + [0x81, 7] + Array("drained".utf8)
            var received: [UInt8] = []
            while !received.ends(with: tail), let bytes = try await client.raw.someBytes() {
                received += bytes
            }
            #expect(received.ends(with: tail))
        }
    }
}

extension [UInt8] {
    fileprivate func ends(with other: [UInt8]) -> Bool { suffix(other.count).elementsEqual(other) }
}
