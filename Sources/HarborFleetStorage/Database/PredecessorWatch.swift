/// When to merge what the recorders of earlier processes commit. A value: no database, no clock.
///
/// A backend that is at rest is no reason to wait: a PgBouncer keeps its connections to PostgreSQL when a client has
/// gone, and each goes by the name of the last client that it served. It is no reason to stop looking either: in a
/// deploy the old process may rest when this one loads, and commit once more before it goes.
struct PredecessorWatch: Equatable {
    enum Action: Equatable {
        case look
        /// Whatever they committed so far is in the table; they may commit more.
        case merge
        /// None of them is left.
        case mergeAndEnd
        /// There were none.
        case end
    }

    /// Those that were there at the first look.
    private var others: Set<Int64>?
    private var isMerged = false

    /// - Parameters:
    ///   - backends: the ids of all recorders' backends but our own.
    ///   - busy: those of them that are at work, or were a moment ago.
    mutating func looked(at backends: Set<Int64>, busy: Set<Int64>) -> Action {
        guard let others else {
            others = backends
            return backends.isEmpty ? .end : .look
        }
        if backends.isDisjoint(with: others) { return .mergeAndEnd }
        guard busy.isDisjoint(with: others) else {
            isMerged = false
            return .look
        }
        defer { isMerged = true }
        return isMerged ? .look : .merge
    }
}
