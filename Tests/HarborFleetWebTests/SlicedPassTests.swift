import Testing

@testable import HarborFleetWeb

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
}
