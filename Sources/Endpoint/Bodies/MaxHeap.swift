/// Numbers with a weight each, heaviest first (a binary heap that knows where each number stands).
///
/// A change costs the logarithm of the count, a look at the heaviest nothing. A number of weight 0 is not in it.
struct MaxHeap {
    private var entries: [(number: Int, weight: Int)] = []
    /// By number; -1 for one that is not in the heap.
    private var places: [Int] = []

    /// The heaviest number.
    var first: Int? { entries.first?.number }

    /// Sets a number's weight. Numbers are small and used again: memory is kept for the highest one.
    mutating func set(_ number: Int, weight: Int) {
        while places.count <= number { places.append(-1) }
        let place = places[number]
        switch (place, weight) {
        case (-1, ...0): break
        case (-1, _):
            entries.append((number, weight))
            places[number] = entries.count - 1
            rise(from: entries.count - 1)
        case (_, ...0): remove(at: place)
        default:
            entries[place].weight = weight
            rise(from: place)
            sink(from: places[number])
        }
    }

    private mutating func remove(at place: Int) {
        let last = entries.count - 1
        exchange(place, last)
        places[entries.removeLast().number] = -1
        guard place < last else { return }
        let moved = entries[place].number
        rise(from: place)
        sink(from: places[moved])
    }

    private mutating func rise(from start: Int) {
        var place = start
        while place > 0, entries[(place - 1) / 2].weight < entries[place].weight {
            exchange(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink(from start: Int) {
        var place = start
        while true {
            var heaviest = place
            for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
                if entries[child].weight > entries[heaviest].weight { heaviest = child }
            }
            guard heaviest != place else { return }
            exchange(place, heaviest)
            place = heaviest
        }
    }

    private mutating func exchange(_ left: Int, _ right: Int) {
        entries.swapAt(left, right)
        places[entries[left].number] = left
        places[entries[right].number] = right
    }
}
