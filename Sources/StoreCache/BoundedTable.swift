/// Holds at most `capacity` values by key. When it is full, each new key replaces an entry that was not used since
/// the algorithm last passed it (the second-chance algorithm). So a flood of new keys never empties the table.
///
/// Each operation takes amortized constant time. Public and inlinable, so that it is specialised in other targets
/// too.
public struct BoundedTable<Key: Hashable, Value> {
    @usableFromInline struct Slot {
        @usableFromInline var key: Key
        @usableFromInline var value: Value
        /// Whether the entry was used since the algorithm last passed it.
        @usableFromInline var isWarm: Bool

        @usableFromInline init(key: Key, value: Value, isWarm: Bool) {
            self.key = key
            self.value = value
            self.isWarm = isWarm
        }
    }

    public let capacity: Int
    /// The number of entries that were replaced by new keys.
    public var evictions: UInt64 = 0
    @usableFromInline var places: [Key: Int] = [:]
    @usableFromInline var slots: [Slot] = []
    @usableFromInline var hand = 0

    /// - Parameter capacity: at least 1.
    @inlinable public init(capacity: Int) {
        self.capacity = max(capacity, 1)
    }

    @inlinable public var count: Int { slots.count }

    @inlinable public func contains(_ key: Key) -> Bool { places[key] != nil }

    /// Returns the value and marks it as used.
    @inlinable public mutating func use(_ key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        slots[place].isWarm = true
        return slots[place].value
    }

    /// The value of a key. Reading it this way does not mark it as used.
    @inlinable public subscript(key: Key) -> Value? {
        get { places[key].map { slots[$0].value } }
        set {
            guard let newValue else { return remove(key) }
            guard let place = places[key] else { return insert(key, newValue) }
            slots[place].value = newValue
        }
    }

    /// Changes the value of a key that exists.
    @inlinable public mutating func update(_ key: Key, _ change: (inout Value) -> Void) {
        guard let place = places[key] else { return }
        change(&slots[place].value)
    }

    /// Changes every value.
    @inlinable public mutating func updateAll(_ change: (inout Value) -> Void) {
        for place in slots.indices { change(&slots[place].value) }
    }

    @inlinable public mutating func removeAll() {
        places.removeAll(keepingCapacity: true)
        slots.removeAll(keepingCapacity: true)
        hand = 0
    }

    /// Every key, in no particular order.
    @inlinable public var keys: some Collection<Key> { places.keys }

    /// Every value, in no particular order.
    @inlinable public var values: some Sequence<Value> { slots.lazy.map(\.value) }

    @inlinable mutating func insert(_ key: Key, _ value: Value) {
        guard slots.count < capacity else { return replaceColdest(by: key, value) }
        places[key] = slots.count
        slots.append(Slot(key: key, value: value, isWarm: false))
    }

    @inlinable mutating func replaceColdest(by key: Key, _ value: Value) {
        while slots[hand].isWarm {
            slots[hand].isWarm = false
            hand = (hand + 1) % slots.count
        }
        places[slots[hand].key] = nil
        places[key] = hand
        slots[hand] = Slot(key: key, value: value, isWarm: false)
        hand = (hand + 1) % slots.count
        evictions &+= 1
    }

    /// Moves the last slot into the place of the removed one, so that the slots stay contiguous.
    @inlinable mutating func remove(_ key: Key) {
        guard let place = places.removeValue(forKey: key), let last = slots.popLast() else { return }
        if place < slots.count {
            slots[place] = last
            places[last.key] = place
        }
        if hand >= slots.count { hand = 0 }
    }
}

extension BoundedTable.Slot: Sendable where Key: Sendable, Value: Sendable {}
extension BoundedTable: Sendable where Key: Sendable, Value: Sendable {}

/// The fill level of a bounded table, for metrics.
package struct CacheUse: Sendable, Equatable {
    package var count: Int
    /// The number of entries replaced by new keys since the start.
    package var evictions: UInt64
}

extension BoundedTable {
    package var use: CacheUse { CacheUse(count: count, evictions: evictions) }
}
