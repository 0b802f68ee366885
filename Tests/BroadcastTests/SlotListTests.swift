import HarborFleetTesting
import Testing

@testable import Broadcast

struct SlotListTests {
    private final class Element {
        let number: Int
        var slot = Slot.none

        init(_ number: Int) {
            self.number = number
        }
    }

    private func remove(_ element: Element, from list: inout SlotList<Element>) {
        list.remove(at: element.slot)?.slot = element.slot
        element.slot = .none
    }

    @Test func elements_leaveInAnyOrder() {
        var generator = SeededGenerator(seed: 7)
        var list = SlotList<Element>()
        let all = (0..<100).map { Element($0) }
        for element in all { element.slot = list.append(element) }
        var left = Set(0..<100)
        for element in all.shuffled(using: &generator) {
            #expect(element.slot.isTaken)
            remove(element, from: &list)
            #expect(!element.slot.isTaken)
            left.remove(element.number)
            #expect(Set(list.elements.map(\.number)) == left)
        }
        #expect(list.isEmpty)
    }

    @Test func slotOfNoList_removesNothing() {
        var list = SlotList<Element>()
        let element = Element(1)
        element.slot = list.append(element)
        remove(Element(2), from: &list)
        #expect(list.elements.map(\.number) == [1])
        let old = element.slot
        remove(element, from: &list)
        #expect(list.remove(at: old) == nil)
    }
}
