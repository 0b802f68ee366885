/// The weight of a client's preference (RFC 9110 section 12.4.2) in thousandths, 0 to 1000; 0 means not acceptable.
package struct QualityValue: Sendable, Comparable {
    /// The thousandths.
    package let thousandths: Int

    /// The weight of an element that has no `q`.
    package static let one = QualityValue(thousandths: 1000)
    /// Not acceptable.
    package static let zero = QualityValue(thousandths: 0)

    private init(thousandths: Int) { self.thousandths = thousandths }

    /// Parses a number from 0 to 1 with up to three decimals; nil for anything else.
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard !range.isEmpty, range.count <= 5 else { return nil }
        var value = 0
        var unit = 1000
        for (position, index) in range.enumerated() {
            if position == 1 {
                guard bytes[index] == ASCII.dot else { return nil }
            } else {
                guard ASCII.isDigit(bytes[index]) else { return nil }
                value += Int(bytes[index] - ASCII.zero) * unit
                unit /= 10
            }
        }
        guard value <= 1000 else { return nil }
        thousandths = value
    }

    /// Orders by weight.
    package static func < (left: QualityValue, right: QualityValue) -> Bool {
        left.thousandths < right.thousandths
    }
}
