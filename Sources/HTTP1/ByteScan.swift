/// Searches and compares bytes. The functions of hot paths handle eight or more bytes at a time.
enum ByteScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// The index of the first control byte (below 0x20, or 0x7F) except the tab, at or after `start`; the span's
    /// count if there is none.
    static func firstControl(in bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            index = firstCandidate(in: bytes, from: index)
            guard index < bytes.count, bytes[index] == ASCII.tab else { return index }
            index &+= 1
        }
        return bytes.count
    }

    private static func firstCandidate(in bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        // The memory is the span's, which knows its size. It is only read, and only within this function.
        let raw = unsafe bytes.bytes
        while index &+ 8 <= bytes.count {
            // Any eight bytes are a UInt64, and the load checks its bounds.
            let loaded = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let found = controlMarks(UInt64(littleEndian: loaded))
            if found != 0 { return index &+ found.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < bytes.count, bytes[index] >= 0x20, bytes[index] != ASCII.delete { index &+= 1 }
        return index
    }

    /// Sets the high bit of each control byte. Only the lowest mark is exact: higher ones may be false, due
    /// to a borrow.
    private static func controlMarks(_ word: UInt64) -> UInt64 {
        let small = (word &- ones &* 0x20) & ~word
        let delete = word ^ (ones &* 0x7F)
        return (small | ((delete &- ones) & ~delete)) & highBits
    }

    /// A fast hash of the bytes. It has no secret key, so a client can make inputs that collide.
    static func hash(_ bytes: Span<UInt8>) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: bytes.count)
        // As in `firstCandidate`: read only, within this function, and each load checks its bounds.
        let raw = unsafe bytes.bytes
        var index = 0
        while index &+ 8 <= bytes.count {
            hash = mixed(hash, unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            index &+= 8
        }
        while index < bytes.count {
            hash = mixed(hash, UInt64(bytes[index]))
            index &+= 1
        }
        return hash
    }

    /// The multiplier is 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming, section 6.4).
    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        return product ^ (product >> 32)
    }

    /// Whether both have the same bytes.
    static func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        // As in `hash`.
        let (leftRaw, rightRaw) = unsafe (left.bytes, right.bytes)
        var index = 0
        var differences = SIMD4<UInt64>.zero
        while index &+ 32 <= left.count {
            differences |=
                unsafe leftRaw.unsafeLoadUnaligned(
                    fromByteOffset: index, as: SIMD4<UInt64>.self)
                ^ rightRaw.unsafeLoadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
            index &+= 32
        }
        guard differences[0] | differences[1] | differences[2] | differences[3] == 0 else { return false }
        while index &+ 8 <= left.count {
            let words = unsafe (
                leftRaw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self),
                rightRaw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            )
            guard words.0 == words.1 else { return false }
            index &+= 8
        }
        while index < left.count, left[index] == right[index] { index &+= 1 }
        return index == left.count
    }

    /// Whether the bytes of a range equal `lowercase`, which must be in lower case, ignoring the range's case.
    static func equals(_ bytes: Span<UInt8>, _ range: Range<Int>, ignoringCase lowercase: String) -> Bool {
        let utf8 = lowercase.utf8
        return equals(bytes, range, ignoringCase: utf8.span)
    }

    /// Whether the bytes of a range equal `expected`, which must be in lower case, ignoring the range's case.
    static func equals(
        _ bytes: Span<UInt8>, _ range: Range<Int>, ignoringCase expected: Span<UInt8>
    ) -> Bool {
        guard range.count == expected.count, range.upperBound <= bytes.count else { return false }
        for index in expected.indices
        where ASCII.lowercased(bytes[range.lowerBound &+ index]) != expected[index] {
            return false
        }
        return true
    }

    /// Whether the bytes of a range are exactly those of `expected`.
    static func equals(_ bytes: Span<UInt8>, _ range: Range<Int>, _ expected: String) -> Bool {
        let utf8 = expected.utf8
        return equals(bytes, range, utf8.span)
    }

    /// Whether the bytes of a range are exactly those of `expected`.
    static func equals(_ bytes: Span<UInt8>, _ range: Range<Int>, _ expected: Span<UInt8>) -> Bool {
        guard range.count == expected.count, range.upperBound <= bytes.count else { return false }
        for index in expected.indices where bytes[range.lowerBound &+ index] != expected[index] {
            return false
        }
        return true
    }

    /// The range without spaces and tabs at either end.
    static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, ASCII.isBlank(bytes[start]) { start &+= 1 }
        while end > start, ASCII.isBlank(bytes[end &- 1]) { end &-= 1 }
        return start..<end
    }

    /// The index of the first occurrence of a byte in a range; nil if there is none.
    static func first(_ byte: UInt8, in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        for index in range where bytes[index] == byte { return index }
        return nil
    }
}
