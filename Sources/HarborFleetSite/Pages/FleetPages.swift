package import HarborFleet
internal import HarborFleetAPI
internal import StoreCache
internal import Synchronization

/// Renders and caches the pages at `/fleets/{fleet_id}`. A page is the same for all readers, so it is rendered
/// once per snapshot, and again when it is older than a second, because it shows its time.
///
/// Only the vehicles that a page shows are formatted. A page with many vehicles is rendered off the event loops.
/// The pages of some fleets are cached; the coldest one is evicted first.
package final class FleetPages: Sendable {
    /// Renders a page as of the given time.
    package typealias Render = @Sendable (Fleet, FleetSnapshot, Timestamp) -> [UInt8]

    /// A loop itself renders pages with at most this many vehicles: a row takes 5 µs.
    static let mostOnLoop = 200
    /// The number of cached pages, each of at most a megabyte.
    private static let kept = 16
    /// The greatest age of a page when it is sent.
    private static let freshness: Duration = .seconds(1)

    private struct Page {
        /// Only the position is kept, because the snapshot may be large.
        let position: StreamPosition
        let name: String
        let madeAt: Timestamp
        let bytes: [UInt8]

        func shows(_ fleet: Fleet, notOlderThan asked: StreamPosition, at now: Timestamp) -> Bool {
            let age = now.since(madeAt)
            return name == fleet.name && position.isNotOlder(than: asked)
                && age >= .zero && age <= FleetPages.freshness
        }
    }

    private let render: Render
    private let clock: any WallClock
    private let work: SingleFlight<FleetID, Page>
    private let pages = Mutex(BoundedTable<FleetID, Page>(capacity: kept))

    /// - Parameter makers: runs the rendering of large pages.
    init(makers: OffLoopWork, clock: any WallClock, render: @escaping Render) {
        self.clock = clock
        self.render = render
        work = SingleFlight(makers: makers)
    }

    /// The page of a fleet as of `snapshot` or a later one.
    /// - Throws: `CancellationError`.
    func page(of fleet: Fleet, _ snapshot: FleetSnapshot) async throws -> [UInt8] {
        guard snapshot.vehicles.count > Self.mostOnLoop else {
            return render(fleet, snapshot, clock.now())
        }
        let askedAt = clock.now()
        if let known = known(of: fleet, notOlderThan: snapshot.position) { return known.bytes }
        return try await work.value(for: fleet.id) {
            $0.shows(fleet, notOlderThan: snapshot.position, at: max(askedAt, $0.madeAt))
        } make: { [self] in
            if let known = known(of: fleet, notOlderThan: snapshot.position) { return known }
            let now = clock.now()
            let page = Page(
                position: snapshot.position, name: fleet.name, madeAt: now,
                bytes: render(fleet, snapshot, now))
            pages.withLock { $0[fleet.id] = page }
            return page
        }.bytes
    }

    private func known(of fleet: Fleet, notOlderThan asked: StreamPosition) -> Page? {
        let page = pages.withLock { $0.use(fleet.id) }
        return page.flatMap { $0.shows(fleet, notOlderThan: asked, at: clock.now()) ? $0 : nil }
    }
}
