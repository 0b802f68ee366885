import EventLoops
import HarborFleetTesting
import Testing

@testable import Broadcast

@Suite(.timeLimit(.minutes(1))) struct SlicesTests {
    /// Elements that are added during the run have their turn too.
    @Test(arguments: [0, 1, 255, 256, 257, 1_000])
    func slices_visitEachElementOnceInOrder(count: Int) {
        var slices = Slices(0..<count)
        var seen: [Int] = []
        slices.append(count)
        while !slices.isDone {
            let turn = slices.next()
            #expect((1...256).contains(turn.count))
            if seen.isEmpty { slices.append(count + 1) }
            seen += turn
        }
        #expect(seen == Array(0...count + 1))
        let further = slices.next()
        #expect(further.isEmpty)
    }

    @Test func run_letsTheLoopDoOtherWork_betweenSlices() async throws {
        let loop = try EventLoop(label: "test.slices")
        loop.start()
        let seen = EventRecorder<Int>()
        loop.execute {
            loop.execute { seen.record(-1) }
            Slices(0..<300).run(on: loop, as: TurnWork("test")) { seen.record($0) }
        }
        await seen.wait(for: 299)
        await loop.stop()
        #expect(seen.events == Array(0..<256) + [-1] + Array(256..<300))
    }

    @Test func run_visitsNothing_whenTheListIsEmpty() async throws {
        let loop = try EventLoop(label: "test.slices")
        loop.start()
        let seen = EventRecorder<Int>()
        loop.execute {
            Slices<Int>([]).run(on: loop, as: TurnWork("test")) { seen.record($0) }
            seen.record(-1)
        }
        await seen.wait(for: -1)
        await loop.stop()
        #expect(seen.events == [-1])
    }
}
