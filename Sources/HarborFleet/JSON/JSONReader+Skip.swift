extension JSONReader {
    /// Reads one value of any kind and forgets it; all the rules still hold for it.
    mutating func skipValue(_ bytes: Span<UInt8>) throws(JSONError) {
        switch try peek(bytes) {
        case UInt8(ascii: "{"): try skipObject(bytes)
        case UInt8(ascii: "["): try skipArray(bytes)
        case UInt8(ascii: "\""): _ = try string(bytes)
        case UInt8(ascii: "t"): try literal("true", bytes)
        case UInt8(ascii: "f"): try literal("false", bytes)
        case UInt8(ascii: "n"): try literal("null", bytes)
        default: _ = try numeral(bytes)
        }
    }

    private mutating func skipObject(_ bytes: Span<UInt8>) throws(JSONError) {
        var names = JSONMemberNames()
        var first = true
        try open(UInt8(ascii: "{"), bytes)
        while try hasNext(UInt8(ascii: "}"), first: first, bytes) {
            first = false
            let start = position
            let name = try memberName(bytes)
            guard names.insert(name.content(bytes)) else {
                throw JSONError(offset: start, reason: .duplicateMember)
            }
            try skipValue(bytes)
        }
    }

    private mutating func skipArray(_ bytes: Span<UInt8>) throws(JSONError) {
        var first = true
        try open(UInt8(ascii: "["), bytes)
        while try hasNext(UInt8(ascii: "]"), first: first, bytes) {
            first = false
            try skipValue(bytes)
        }
    }
}

/// The names that an object had so far, compared after unescaping. A hash set beyond a few, so that an object
/// of many members costs linear time.
struct JSONMemberNames {
    private var few: [[UInt8]] = []
    private var many: Set<[UInt8]> = []

    /// - Returns: false when `name` was there already.
    mutating func insert(_ name: [UInt8]) -> Bool {
        if !many.isEmpty { return many.insert(name).inserted }
        guard !few.contains(name) else { return false }
        few.append(name)
        if few.count > 8 { many = Set(few) }
        return true
    }
}
