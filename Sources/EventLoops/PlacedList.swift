/// A list without an order whose elements know their place in it, so that adding and removing one costs no hash and an
/// element costs no more than its reference. Touched on one loop only. Public and inlinable, so that it is specialised.
///
///     var members = PlacedList<Member>(get: { $0.place }, set: { $0.place = $1 })
public struct PlacedList<Element> {
    @usableFromInline var all: [Element] = []
    @usableFromInline let get: (Element) -> Int32
    @usableFromInline let set: (Element, Int32) -> Void

    /// - Parameters:
    ///   - get: an element's place, which begins as `Place.none`.
    ///   - set: keeps an element's place. Nothing but this list changes it.
    @inlinable public init(get: @escaping (Element) -> Int32, set: @escaping (Element, Int32) -> Void) {
        self.get = get
        self.set = set
    }

    /// All elements.
    @inlinable public var elements: [Element] { all }

    @inlinable public var isEmpty: Bool { all.isEmpty }

    @inlinable public func contains(_ element: Element) -> Bool { get(element) != Place.none }

    /// Adds an element, which is in no list that keeps its places where this one does.
    @inlinable public mutating func insert(_ element: Element) {
        precondition(!contains(element), "an element is inserted twice")
        set(element, Int32(truncatingIfNeeded: all.count))
        all.append(element)
    }

    /// Removes an element; the last one takes its place.
    /// - Returns: whether it was in the list.
    @inlinable public mutating func remove(_ element: Element) -> Bool {
        let index = Int(get(element))
        guard contains(element), let last = all.popLast() else { return false }
        if index < all.count {
            all[index] = last
            set(last, Int32(truncatingIfNeeded: index))
        }
        set(element, Place.none)
        return true
    }
}

/// Places in a `PlacedList`, from 0.
public enum Place {
    /// The place of an element that is in no list.
    @inlinable public static var none: Int32 { -1 }
}
