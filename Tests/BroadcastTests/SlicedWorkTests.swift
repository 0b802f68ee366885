import EventLoops
import HarborFleetTesting
import Testing

@testable import Broadcast

@Suite(.timeLimit(.minutes(1))) struct SlicedWorkTests {
    @Test("Each element has one turn, in order, the later ones too", arguments: [1, 2, 3, 10, 11])
    func slices_areComplete(size: Int) {
        var slices = Slices(Array(0..<10), size: size)
        var seen: [Int] = []
        var spent: Duration?
        while spent == nil {
            let turn = slices.next()
            #expect((1...size).contains(turn.count))
            if seen.isEmpty { slices.append(10) }
            seen += turn
            spent = slices.sliceEnded(after: .milliseconds(turn.count))
        }
        #expect(seen == Array(0...10))
        #expect(spent == .milliseconds(11))
        #expect(slices.next().isEmpty)
    }

    @Test func emptyList_isDoneAtOnce() {
        var slices = Slices<Int>([], size: 256)
        #expect(slices.next().isEmpty)
        #expect(slices.sliceEnded(after: .zero) == .zero)
    }

    @Test("Between two slices the loop does what others ask of it")
    func work_letsOthersIn() async throws {
        let loop = try EventLoop(label: "test.sliced")
        loop.start()
        let seen = EventRecorder<String>()
        loop.execute {
            loop.execute { seen.record("another") }
            SlicedWork(Array(0..<5), size: 2, on: loop, as: TurnWork("test")) {
                seen.record("\($0)")
            } ended: { _ in
                seen.record("ended")
            }.start()
        }
        await seen.wait(for: "ended")
        await loop.stop()
        #expect(seen.events == ["0", "1", "another", "2", "3", "4", "ended"])
    }
}
