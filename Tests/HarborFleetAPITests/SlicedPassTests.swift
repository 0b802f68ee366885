import EventLoops
import HarborFleetTesting
import Testing

@testable import HarborFleetAPI

struct SlicedPassTests {
    @Test("Each element has one turn, in order, the later ones too", arguments: [1, 2, 3, 10, 11])
    func slices_areComplete(slice: Int) {
        var pass = SlicedPass(Array(0..<10), slice: slice)
        var seen: [Int] = []
        while !pass.isDone {
            let turn = pass.nextSlice()
            #expect((1...slice).contains(turn.count))
            if seen.isEmpty { pass.append(10) }
            seen += turn
        }
        #expect(seen == Array(0...10))
        let further = pass.nextSlice()
        #expect(further.isEmpty)
    }

    @Test("Between two slices the loop does what others ask of it")
    func aPass_letsOthersIn() async throws {
        let loop = try EventLoop(label: "test.pass")
        loop.start()
        let seen = EventRecorder<String>()
        loop.execute {
            loop.execute { seen.record("another") }
            SlicedPass(Array(0..<5), slice: 2).run(on: loop) { seen.record("\($0)") }
        }
        #expect(try await eventually { seen.events.count == 6 })
        await loop.stop()
        #expect(seen.events == ["0", "1", "another", "2", "3", "4"])
    }
}
