import Testing

@testable import StoreCache

struct BoundedTableTests {
    @Test func fullTable_losesOneEntryPerNewOne() {
        var table = BoundedTable<Int, String>(capacity: 3)
        for key in 1...10 { table[key] = "\(key)" }
        #expect(table.count == 3)
        #expect(table.evictions == 7)
        #expect(Set(table.keys) == [8, 9, 10])
    }

    @Test func usedEntry_staysThroughAFlood() {
        var table = BoundedTable<Int, Int>(capacity: 4)
        for key in 0..<4 { table[key] = key }
        for key in 100..<1_000 {
            let used = table.use(2)
            #expect(used == 2)
            table[key] = key
        }
        #expect(table[2] == 2)
        #expect(table.count == 4)
    }

    @Test func removedEntry_makesRoom_andTheOthersStay() {
        var table = BoundedTable<Int, Int>(capacity: 3)
        for key in 0..<3 { table[key] = key * 10 }
        table[0] = nil
        #expect(table.count == 2 && !table.contains(0))
        #expect(table[1] == 10 && table[2] == 20)
        table[3] = 30
        #expect(table.evictions == 0)
        table.update(2) { $0 += 1 }
        #expect(table[2] == 21)
    }

    /// A key always keeps its own value, through random operations.
    @Test func table_keepsPlacesAndValuesTogether_inAnyOrderOfOperations() {
        var table = BoundedTable<Int, Int>(capacity: 8)
        var generator = SystemRandomNumberGenerator()
        for step in 0..<20_000 {
            let key = Int.random(in: 0..<20, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: table[key] = nil
            case 1: _ = table.use(key)
            default: table[key] = key * 1_000 + step % 1_000
            }
            #expect(table.count <= 8)
            for key in table.keys { #expect(table[key].map { $0 / 1_000 } == key) }
        }
    }
}
