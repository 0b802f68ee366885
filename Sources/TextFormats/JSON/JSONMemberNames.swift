/// The set of an object's member names so far, which finds repeated names. The names must be unescaped. Beyond a few
/// names it uses a hash set, so that an object with many members takes linear time.
package struct JSONMemberNames {
    private var few: [[UInt8]] = []
    private var many: Set<[UInt8]> = []

    package init() {}

    /// Adds a name.
    /// - Returns: false when the set has the name already.
    package mutating func insert(_ name: [UInt8]) -> Bool {
        if !many.isEmpty { return many.insert(name).inserted }
        guard !few.contains(name) else { return false }
        few.append(name)
        if few.count > 8 { many = Set(few) }
        return true
    }
}
