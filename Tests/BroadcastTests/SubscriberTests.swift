import EventLoops
import Testing

@testable import Broadcast

struct SubscriberTests {
    private final class Connection: Subscriber {
        let loop: EventLoop
        let isOpen = true
        let pendingBytes: Int
        let isBlocked: Bool
        let roomyBytes = 500_000

        init(pendingBytes: Int, isBlocked: Bool) throws {
            loop = try EventLoop(label: "test.subscriber")
            self.pendingBytes = pendingBytes
            self.isBlocked = isBlocked
        }

        func send(shared bytes: [UInt8]) {}
        func batch(_ body: () -> Void) { body() }
        func close(_ reason: StreamEnd) {}
    }

    @Test(
        arguments: [
            (0, false, false), (500_000, false, false), (500_001, false, true), (65_536, true, false),
            (65_537, true, true),
        ])
    func subscriber_isSlow_whenTooManyBytesWait(pending: Int, isBlocked: Bool, isSlow: Bool) throws {
        #expect(try Connection(pendingBytes: pending, isBlocked: isBlocked).isSlow == isSlow)
    }

    @Test(
        arguments: [
            // A message of any size is taken when nothing waits.
            (0, false, 2_000_000, true), (1, false, 500_000, true), (1, false, 500_001, false),
            (500_001, false, 1, false), (65_537, true, 1, false),
        ])
    func subscriber_takesAMessageInOnePiece_whenItCannotOverflow(
        pending: Int, isBlocked: Bool, count: Int, takes: Bool
    ) throws {
        let connection = try Connection(pendingBytes: pending, isBlocked: isBlocked)
        #expect(connection.takesInOnePiece(count) == takes)
    }
}
