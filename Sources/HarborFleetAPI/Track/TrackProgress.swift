internal import FleetWire
internal import HarborFleet

/// How far the reading of a track has come. It decides what the next page is; `TrackPages` fetches it.
///
/// For what may be the last page, it requests one fix more than is shown: that fix shows whether there are more.
struct TrackProgress: Sendable {
    /// Small, so that the first bytes come soon, and a request for the head alone costs little.
    static let firstPage = 100
    /// Large enough that planning and round trip cost less than the rows; small enough that a page stays below a
    /// megabyte.
    static let page = 2_000
    /// For a slow client: little waits for it, and the database is still queried seldom.
    static let smallPage = 250
    /// A client that takes longer than this for a page is slow.
    static let patience: Duration = .seconds(5)

    /// The period that is not read yet.
    private(set) var period: Range<Timestamp>
    /// The number of fixes that may still be shown.
    private(set) var remaining: Int
    private var pageSize = firstPage
    /// Whether the following pages are small.
    var pagesAreSmall = false
    private var last: Timestamp?
    private var isOver: Bool
    /// Where a later request continues; nil when there is nothing more, or this is not known yet.
    private(set) var next: TrackCursor?

    init(_ query: TrackQuery) {
        period = query.period
        remaining = query.limit
        isOver = query.period.isEmpty
    }

    /// The number of fixes of `period` to request next; nil at the end of the track.
    var request: Int? { isOver ? nil : min(pageSize, remaining + 1) }

    /// The bytes of attributes on a page: the fix that reaches this bound ends the page. Each fix may have 2 KiB
    /// of attributes.
    var attributeBytes: Int { pageSize < Self.page ? 65_536 : 262_144 }

    /// Records the fixes of a requested page.
    /// - Returns: the fixes to show.
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
