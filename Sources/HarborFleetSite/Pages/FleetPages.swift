package import HarborFleet
internal import HarborFleetAPI
internal import StoreCache
internal import Synchronization

/// The pages at `/fleets/{fleet_id}`. They are the same for all readers, so each is made once per snapshot, and after a
/// second anew: a page says from when it is.
///
/// Only the vehicles that a page shows are formatted. A page of more than a few is made on no event loop, and the pages
/// of some fleets are kept, the coldest one goes first.
package final class FleetPages: Sendable {
    /// Makes a page's bytes, which are true at the time that is given.
    package typealias Render = @Sendable (Fleet, FleetSnapshot, Timestamp) -> [UInt8]

    /// A loop itself makes pages of up to this many vehicles: a row takes 5 µs.
    static let mostOnLoop = 200
    /// Pages that are kept, of a megabyte at most each.
    private static let kept = 16
    /// How old a page may be when it is sent.
    private static let freshness: Duration = .seconds(1)

    private struct Page {
        /// No more of the snapshot is kept, which may be large.
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

    /// - Parameter makers: where large pages are made.
    init(makers: OffLoopWork, clock: any WallClock, render: @escaping Render) {
        self.clock = clock
        self.render = render
        work = SingleFlight(makers: makers)
    }

    /// The page of a fleet, of `snapshot` or a later one.
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
