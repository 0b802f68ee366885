/// A range of bytes in a head, stored in 8 bytes: heads are far below 4 GiB.
struct ByteRange: Sendable, Equatable {
    private var lower: UInt32
    private var upper: UInt32

    /// Converts a range. It always fits, because the limits keep heads below 4 GiB.
    init(_ range: Range<Int>) {
        lower = UInt32(truncatingIfNeeded: range.lowerBound)
        upper = UInt32(truncatingIfNeeded: range.upperBound)
    }

    /// No bytes.
    static let empty = ByteRange(0..<0)

    var isEmpty: Bool { lower >= upper }
    var count: Int { Int(upper) &- Int(lower) }
    var start: Int { Int(lower) }
    var end: Int { Int(upper) }
}

/// The positions of one field line's name and value in a head.
struct FieldRange: Sendable, Equatable {
    let name: ByteRange
    let value: ByteRange
}
