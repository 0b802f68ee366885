import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1))) struct MailboxTests {
    @Test func receiver_getsAllWaitingMessages_oldestFirst() async {
        let mailbox = Mailbox<Int>(capacity: 8)
        for message in 1...3 { #expect(mailbox.send(message)) }
        #expect(mailbox.count == 3)
        #expect(await mailbox.receive() == [1, 2, 3])
        #expect(mailbox.count == 0)
    }

    @Test func fullMailbox_refusesTheNewest() async {
        let mailbox = Mailbox<Int>(capacity: 2)
        #expect((1...4).map { mailbox.send($0) } == [true, true, false, false])
        #expect(await mailbox.receive() == [1, 2])
        #expect(mailbox.send(5))
    }

    @Test func closedMailbox_deliversWaitingMessages_thenEnds() async {
        let mailbox = Mailbox<Int>(capacity: 2)
        #expect(mailbox.send(1))
        mailbox.close()
        #expect(!mailbox.send(2))
        #expect(await mailbox.receive() == [1])
        #expect(await mailbox.receive() == nil)
    }

    @Test func close_wakesTheReceiver() async {
        let mailbox = Mailbox<Int>(capacity: 2)
        let receiver = Task { await mailbox.receive() }
        mailbox.close()
        #expect(await receiver.value == nil)
    }

    @Test func cancelledReceiver_leavesWaitingMessagesToTheNext() async {
        let mailbox = Mailbox<Int>(capacity: 2)
        let waiting = Task { await mailbox.receive() }
        waiting.cancel()
        #expect(await waiting.value == nil)
        #expect(mailbox.send(1))
        let cancelled = Task {
            await cancellation()
            return await mailbox.receive()
        }
        cancelled.cancel()
        #expect(await cancelled.value == nil)
        #expect(await mailbox.receive() == [1])
    }

    @Test func newerReceiver_displacesTheOlderOne() {
        var state = MailboxState<Int, String>(capacity: 2)
        let older = state.receiverCame().receiver
        let waits = state.waited(older, isCancelled: false, "older")
        let (newer, displaced) = state.receiverCame()
        let waitsStill = state.waited(older, isCancelled: false, "older")
        #expect(waits && displaced == "older" && !waitsStill)
        let newerWaits = state.waited(newer, isCancelled: false, "newer")
        let wokenByOlder = state.cancelled(older)
        let wokenBySend = state.sent(1).wake
        #expect(newerWaits && wokenByOlder == nil && wokenBySend == "newer")
        let looks = [older, newer, newer].map { state.looked($0, isCancelled: false) }
        #expect(looks == [.end, .deliver([1]), .wait])
    }

    @Test func noMessageAndNoWakeUp_isLost_withManySenders() async {
        let mailbox = Mailbox<Int>(capacity: 100_000)
        let received = await withTaskGroup(of: Int.self) { group in
            for sender in 0..<4 {
                group.addTask {
                    for message in 0..<5_000 {
                        _ = mailbox.send(sender * 5_000 + message)
                        if message % 7 == 0 { await Task.yield() }
                    }
                    return 0
                }
            }
            group.addTask {
                var seen: Set<Int> = []
                while seen.count < 20_000, let batch = await mailbox.receive() { seen.formUnion(batch) }
                return seen.count
            }
            return await group.reduce(0, +)
        }
        #expect(received == 20_000)
    }

    @Test func receiver_ends_whenItIsCancelledAtAnyMoment() async {
        for _ in 0..<2_000 {
            let mailbox = Mailbox<Int>(capacity: 1)
            let receiver = Task { await mailbox.receive() }
            if Bool.random() { await Task.yield() }
            receiver.cancel()
            #expect(await receiver.value == nil)
        }
    }
}

extension MailboxState.Reception: Equatable where Message: Equatable {
    public static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.deliver(let left), .deliver(let right)): left == right
        case (.wait, .wait), (.end, .end): true
        case (.deliver, _), (.wait, _), (.end, _): false
        }
    }
}
