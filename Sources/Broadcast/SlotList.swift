/// A list that elements join and leave at a constant cost: each keeps its slot, and the last element takes the slot of
/// the one that leaves.
package struct SlotList<Element> {
    package private(set) var elements: [Element] = []

    package init() {}

    package var isEmpty: Bool { elements.isEmpty }

    /// Adds an element at the end.
    /// - Returns: its slot, which the element keeps.
    package mutating func append(_ element: Element) -> Slot {
        elements.append(element)
        return Slot(index: UInt32(clamping: elements.count - 1))
    }

    /// Removes the element in `slot`; does nothing for a slot that is in no list.
    /// - Returns: the element that has the slot now, when it had another before.
    package mutating func remove(at slot: Slot) -> Element? {
        guard let index = slot.index.map({ Int($0) }), index < elements.count,
            let last = elements.popLast(), index < elements.count
        else { return nil }
        elements[index] = last
        return last
    }
}

/// Where an element stands in its `SlotList`. Small, because each member of a topic keeps one.
package struct Slot {
    /// nil in no list.
    fileprivate var index: UInt32?

    /// A slot in no list.
    package static var none: Slot { Slot(index: nil) }

    /// Whether the element is in a list.
    package var isTaken: Bool { index != nil }

    fileprivate init(index: UInt32?) {
        self.index = index
    }
}
