/// Counts things of one kind and remembers the first few, for a message of one line.
struct Examples: Equatable, Sendable {
    static let shownCount = 3

    private(set) var count = 0
    private var shown: [String] = []

    /// - Parameter example: evaluated only if it is shown.
    mutating func add(_ example: @autoclosure () -> String) {
        count += 1
        if shown.count < Self.shownCount { shown.append(example()) }
    }

    /// `a, b, c and 7 more`.
    var list: String {
        let more = count - shown.count
        return shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
