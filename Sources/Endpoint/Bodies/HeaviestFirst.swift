internal import HeapModule

/// A priority queue of small numbers by weight, heaviest first. A number of weight 0 is not in it.
///
/// A change adds an entry to the heap; the number's old entry is dropped when it reaches the top. So a change costs
/// O(log n). The heap is rebuilt when most of its entries are old.
struct HeaviestFirst {
    private struct Entry: Comparable {
        let weight: Int
        let number: Int

        static func < (left: Self, right: Self) -> Bool { left.weight < right.weight }
    }

    private var heap = Heap<Entry>()
    /// The weights, indexed by number. The array is as long as the highest number, so numbers must be small and reused.
    private var weights: [Int] = []

    /// The heaviest number.
    mutating func first() -> Int? {
        while let entry = heap.max {
            if weights[entry.number] == entry.weight { return entry.number }
            _ = heap.popMax()
        }
        return nil
    }

    /// Sets a number's weight.
    mutating func set(_ number: Int, weight: Int) {
        while weights.count <= number { weights.append(0) }
        weights[number] = weight
        if weight > 0 { heap.insert(Entry(weight: weight, number: number)) }
        guard heap.count > 2 * weights.count + 64 else { return }
        heap = Heap(weights.indices.filter { weights[$0] > 0 }.map { Entry(weight: weights[$0], number: $0) })
    }
}
