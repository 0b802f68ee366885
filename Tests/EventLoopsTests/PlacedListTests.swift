import EventLoops
import Testing

struct PlacedListTests {
    private final class Element {
        let name: Int
        var place = Place.none

        init(_ name: Int) { self.name = name }
    }

    private let elements = (0..<4).map(Element.init)

    private func filled() -> PlacedList<Element> {
        var list = PlacedList<Element>(get: { $0.place }, set: { $0.place = $1 })
        for element in elements { list.insert(element) }
        return list
    }

    @Test(arguments: [(0, [3, 1, 2]), (1, [0, 3, 2]), (3, [0, 1, 2])])
    func lastElement_takesThePlaceOfARemovedOne(_ leaving: Int, _ rest: [Int]) {
        var list = filled()
        let wasIn = list.remove(elements[leaving])
        #expect(wasIn)
        #expect(list.elements.map(\.name) == rest)
        for element in list.elements {
            #expect(list.contains(element))
            #expect(list.elements[Int(element.place)] === element)
        }
        #expect(!list.contains(elements[leaving]))
    }

    @Test func removedElement_isNotRemovedAgain_andCanBeInsertedAgain() {
        var list = filled()
        let removed = [list.remove(elements[0]), list.remove(elements[0])]
        #expect(removed == [true, false])
        list.insert(elements[0])
        #expect(list.elements.map(\.name) == [3, 1, 2, 0])
        for element in elements { _ = list.remove(element) }
        #expect(list.isEmpty)
    }
}
