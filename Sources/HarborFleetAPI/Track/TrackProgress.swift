internal import FleetWire
internal import HarborFleet

/// How far the reading of a track has come. Decides what the next page is; `TrackPages` fetches it.
///
/// Where it may be the last page, one fix more is asked for than is shown: it tells whether there are more.
struct TrackProgress: Sendable {
    /// Small, so that the first bytes come soon, and a question for the head alone costs little.
    static let firstPage = 100
    /// So many that planning and the way to and fro cost less than the rows, and a page stays below a megabyte.
    static let page = 2_000
    /// For a client that is slow: what waits for it is small, and the database is asked seldom all the same.
    static let smallPage = 250
    /// A client that takes longer for a page than this is slow.
    static let patience: Duration = .seconds(5)

    /// What is not read yet.
    private(set) var period: Range<Timestamp>
    /// Fixes that may still be shown.
    private(set) var remaining: Int
    private var pageSize = firstPage
    /// Whether further pages are small.
    var pagesAreSmall = false
    private var last: Timestamp?
    private var isOver: Bool
    /// Where a later request goes on; nil when there is nothing more, or not known yet.
    private(set) var next: TrackCursor?

    init(_ query: TrackQuery) {
        period = query.period
        remaining = query.limit
        isOver = query.period.isEmpty
    }

    /// How many fixes of `period` to ask for; nil when the track is at its end.
    var request: Int? { isOver ? nil : min(pageSize, remaining + 1) }

    /// Of attributes on a page, which is full with the fix that reaches it: each fix may have 2 KiB of them.
    var attributeBytes: Int { pageSize < Self.page ? 65_536 : 262_144 }

    /// What was asked for has come.
    /// - Returns: those to show.
    mutating func received(_ fixes: [StoredFix]) -> ArraySlice<StoredFix> {
        let shown = fixes.prefix(remaining)
        let hasMore = fixes.count > remaining
        isOver = hasMore || (fixes.count < (request ?? 0) && !isFull(fixes))
        pageSize = pagesAreSmall ? Self.smallPage : Self.page
        remaining -= shown.count
        last = shown.last?.fix.recordedAt ?? last
        if let last {
            let start = TrackCursor(behind: last).start
            period = min(start, period.upperBound)..<period.upperBound
            if hasMore { next = TrackCursor(behind: last) }
        }
        if period.isEmpty { isOver = true }
        return shown
    }

    private func isFull(_ page: [StoredFix]) -> Bool {
        page.reduce(0) { $0 + ($1.fix.attributes?.count ?? 0) } >= attributeBytes
    }
}
