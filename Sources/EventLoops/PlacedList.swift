/// An unordered list whose elements know their place in it. Adding and removing an element takes constant time
/// without a hash, and the list stores only a reference for each element. Touched on one loop only. It is public and
/// inlinable, so that the compiler can specialise it in other modules.
///
///     var members = PlacedList<Member>(get: { $0.place }, set: { $0.place = $1 })
public struct PlacedList<Element> {
    @usableFromInline var all: [Element] = []
    @usableFromInline let get: (Element) -> Int32
    @usableFromInline let set: (Element, Int32) -> Void

    /// - Parameters:
    ///   - get: returns an element's place, which must begin as `Place.none`.
    ///   - set: stores an element's place. Only this list may change it.
    @inlinable public init(get: @escaping (Element) -> Int32, set: @escaping (Element, Int32) -> Void) {
        self.get = get
        self.set = set
    }

    /// All elements.
    @inlinable public var elements: [Element] { all }

    @inlinable public var isEmpty: Bool { all.isEmpty }

    @inlinable public func contains(_ element: Element) -> Bool { get(element) != Place.none }

    /// Adds an element. It must not be in another list that stores places in the same property.
    @inlinable public mutating func insert(_ element: Element) {
        precondition(!contains(element), "an element is inserted twice")
        set(element, Int32(truncatingIfNeeded: all.count))
        all.append(element)
    }

    /// Removes an element. The last element moves to its place.
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

/// Constants for places in a `PlacedList`, which count from 0.
public enum Place {
    /// The place of an element that is in no list.
    @inlinable public static var none: Int32 { -1 }
}
