/// The names that an object had so far, compared after unescaping. A hash set beyond a few, so that an object
/// of many members costs linear time.
package struct JSONMemberNames {
    private var few: [[UInt8]] = []
    private var many: Set<[UInt8]> = []

    package init() {}

    /// - Returns: false when `name` was there already.
    package mutating func insert(_ name: [UInt8]) -> Bool {
        if !many.isEmpty { return many.insert(name).inserted }
        guard !few.contains(name) else { return false }
        few.append(name)
        if few.count > 8 { many = Set(few) }
        return true
    }
}
