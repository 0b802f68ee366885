/// A list without an order whose elements know their place in it, so that adding and removing one costs no hash and an
/// element costs no more than its reference. Touched on one loop only.
///
///     var members = PlacedList<Member>(get: { $0.place }, set: { $0.place = $1 })
package struct PlacedList<Element> {
    /// All elements.
    @usableFromInline package internal(set) var elements: [Element] = []
    @usableFromInline let get: (Element) -> Int32
    @usableFromInline let set: (Element, Int32) -> Void

    /// - Parameters:
    ///   - get: an element's place, which begins as `Place.none`.
    ///   - set: keeps an element's place. Nothing but this list changes it.
    @inlinable package init(get: @escaping (Element) -> Int32, set: @escaping (Element, Int32) -> Void) {
        self.get = get
        self.set = set
    }

    @inlinable package var isEmpty: Bool { elements.isEmpty }

    @inlinable package func contains(_ element: Element) -> Bool { get(element) != Place.none }

    /// Adds an element that is not in the list.
    @inlinable package mutating func insert(_ element: Element) {
        set(element, Int32(truncatingIfNeeded: elements.count))
        elements.append(element)
    }

    /// Removes an element; the last one takes its place.
    /// - Returns: whether it was in the list.
    @inlinable package mutating func remove(_ element: Element) -> Bool {
        let index = Int(get(element))
        guard contains(element), let last = elements.popLast() else { return false }
        if index < elements.count {
            elements[index] = last
            set(last, Int32(truncatingIfNeeded: index))
        }
        set(element, Place.none)
        return true
    }
}

/// Places in a `PlacedList`, from 0.
package enum Place {
    /// The place of an element that is in no list.
    @inlinable package static var none: Int32 { -1 }
}
