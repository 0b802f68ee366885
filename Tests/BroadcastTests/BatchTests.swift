import Testing

@testable import Broadcast

struct BatchTests {
    /// Counts how often it encodes.
    private final class Lines: Encoding {
        let end: UInt8
        private(set) var count = 0

        init(end: Character) {
            self.end = end.asciiValue ?? 0
        }

        func encode(_ messages: [Int]) -> [UInt8] {
            count += 1
            return messages.flatMap { Array("\($0)".utf8) + [end] }
        }
    }

    @Test func batch_isEncodedOncePerFormat() {
        let (lines, rows) = (Lines(end: "\n"), Lines(end: ";"))
        let batch = Batch([1, 2])
        for _ in 0..<3 {
            #expect(batch.bytes(in: lines) == Array("1\n2\n".utf8))
            #expect(batch.bytes(in: rows) == Array("1;2;".utf8))
        }
        #expect(lines.count == 1)
        #expect(rows.count == 1)
        #expect(batch.messages == [1, 2])
    }

}
