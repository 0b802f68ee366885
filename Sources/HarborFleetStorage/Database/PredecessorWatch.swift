/// Decides when to merge what the recorders of earlier processes commit. A value: no database, no clock.
///
/// An idle backend is no reason to wait: a PgBouncer keeps its connections to PostgreSQL when a client has gone,
/// and each keeps the name of the last client that it served. An idle backend is no reason to stop looking either:
/// in a deploy the old process may be idle when this one loads, and commit once more before it exits.
struct PredecessorWatch: Equatable {
    enum Action: Equatable {
        case look
        /// Everything that they committed so far is in the table. They may commit more.
        case merge
        /// None of them is left.
        case mergeAndEnd
        /// There were none at the first look.
        case end
    }

    /// The backends that existed at the first look.
    private var others: Set<Int64>?
    private var isMerged = false

    /// - Parameters:
    ///   - backends: the process ids of all recorders' backends except our own.
    ///   - busy: those of them that are busy now, or were until a moment ago.
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
