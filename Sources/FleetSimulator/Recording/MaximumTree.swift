/// A fixed number of places whose values only grow. It finds the greatest value in any range of places.
///
/// It is a binary tree in an array with the places at the end; each node holds the greater of its two children.
/// Both operations take O(log n).
struct MaximumTree<Value: Comparable> {
    private let count: Int
    private var nodes: [Value?]

    init(count: Int) {
        self.count = count
        nodes = Array(repeating: nil, count: 2 * count)
    }

    /// Raises the value at `place` to `value`, unless a greater one is there.
    mutating func raise(_ place: Int, to value: Value) {
        var node = place + count
        while node > 0 {
            if let present = nodes[node], present >= value { return }
            nodes[node] = value
            node /= 2
        }
    }

    /// - Returns: nil when the range has no value.
    func maximum(in places: Range<Int>) -> Value? {
        var (low, high) = (places.lowerBound + count, places.upperBound + count)
        var best: Value?
        while low < high {
            if low % 2 == 1 {
                best = Self.greater(best, nodes[low])
                low += 1
            }
            if high % 2 == 1 {
                high -= 1
                best = Self.greater(best, nodes[high])
            }
            (low, high) = (low / 2, high / 2)
        }
        return best
    }

    private static func greater(_ left: Value?, _ right: Value?) -> Value? {
        guard let left, let right else { return left ?? right }
        return max(left, right)
    }
}
