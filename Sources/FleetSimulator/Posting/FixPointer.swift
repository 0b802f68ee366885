/// A JSON pointer to a fix in the body of a POST, or to a member of one: `/fixes/3/lat`.
struct FixPointer: Equatable {
    let index: Int
    /// nil for the fix itself.
    let member: String?

    /// - Returns: nil for a pointer to anything else.
    init?(_ pointer: String) {
        let parts = pointer.split(separator: "/", maxSplits: 2)
        guard parts.count >= 2, parts[0] == "fixes", let index = Int(parts[1]), index >= 0 else { return nil }
        self.index = index
        member = parts.count > 2 ? String(parts[2]) : nil
    }
}
