import HarborFleet
import StoreCache
import Testing

@testable import HarborFleetAPI

struct TrackTurnsStateTests {
    private let a = Requester.token("a")
    private let b = Requester.token("b")
    private let c = Requester.token("c")

    private func state(
        places: Int = 2, ofOneReader: Int = 1, waiting: Int = 10, waitingOfOneReader: Int = 5
    ) -> TrackTurnsState {
        TrackTurnsState(
            limits: TrackTurnsState.Limits(
                places: places, placesOfOneReader: ofOneReader, waiting: waiting,
                waitingOfOneReader: waitingOfOneReader))
    }

    /// Further tracks of the reader wait for one of its own places.
    @Test func reader_hasItsShareOfThePlaces() {
        var state = state()
        #expect(state.arrived(1, of: a, isNew: true) == .enters)
        #expect(state.arrived(2, of: a, isNew: true) == .waits)
        #expect(state.arrived(3, of: b, isNew: true) == .enters)
        #expect(state.arrived(4, of: c, isNew: true) == .waits)
        #expect(state.taken == 2 && state.waiting == 2)
        // A place is free, but the waiting reader has its share already.
        #expect(state.left(b) == 4)
        #expect(state.left(c) == nil)
        #expect(state.left(a) == 2)
        #expect(state.left(a) == nil)
        #expect(state.taken == 0 && state.waiting == 0)
    }

    /// However many tracks of one reader wait.
    @Test func readers_takeTurns() {
        var state = state(places: 1)
        #expect(state.arrived(1, of: a, isNew: true) == .enters)
        for track in 2...4 as ClosedRange<UInt64> {
            #expect(state.arrived(track, of: a, isNew: true) == .waits)
        }
        #expect(state.arrived(5, of: b, isNew: true) == .waits)
        #expect(state.arrived(6, of: b, isNew: true) == .waits)
        var order: [UInt64] = []
        var reader = a
        while let next = state.left(reader) {
            order.append(next)
            reader = next < 5 ? a : b
        }
        #expect(order == [2, 5, 3, 6, 4])
        #expect(state.taken == 0)
    }

    /// A track under way is never refused.
    @Test func newTrack_isRefused_whenTooManyWait() {
        var state = state(places: 1, waiting: 3, waitingOfOneReader: 2)
        #expect(state.arrived(1, of: a, isNew: true) == .enters)
        #expect(state.arrived(2, of: a, isNew: true) == .waits)
        #expect(state.arrived(3, of: a, isNew: true) == .waits)
        #expect(state.arrived(4, of: a, isNew: true) == .refused(.waitingOfReader))
        #expect(state.arrived(5, of: a, isNew: false) == .waits)
        #expect(state.arrived(6, of: b, isNew: true) == .refused(.waiting))
        #expect(state.arrived(7, of: b, isNew: false) == .waits)
        #expect(state.waiting == 4 && state.taken == 1)
    }

    /// A track that has its place already gives the place back.
    @Test func track_isForgotten_whenItGivesUp() {
        var state = state(places: 1)
        #expect(state.arrived(1, of: a, isNew: true) == .enters)
        #expect(state.arrived(2, of: b, isNew: true) == .waits)
        #expect(state.arrived(3, of: c, isNew: true) == .waits)
        let waited = state.gaveUp(2, of: b)
        #expect(waited)
        #expect(state.left(a) == 3)
        let stillWaited = state.gaveUp(3, of: c)
        #expect(!stillWaited)
        #expect(state.left(c) == nil)
        #expect(state.taken == 0 && state.waiting == 0)
    }
}
