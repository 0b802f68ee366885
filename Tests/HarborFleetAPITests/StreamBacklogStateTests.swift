import EventLoops
import HarborFleet
import StoreCache
import Testing

@testable import HarborFleetAPI

struct StreamBacklogStateTests {
    private typealias Cut = StreamBacklogState.Cut
    private typealias Admission = StreamBacklogState.Admission

    private let a = Requester.token("a")
    private let b = Requester.token("b")
    private let c = Requester.token("c")

    private func at(_ seconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: seconds * 1_000_000_000)
    }

    /// A backlog of at most 100 bytes, 40 of one reader.
    private func state() -> StreamBacklogState {
        StreamBacklogState(
            limits: StreamBacklogState.Limits(bytes: 100, bytesOfOneReader: 40, patience: .seconds(5)))
    }

    /// Begins streams of one reader.
    private func fill(_ state: inout StreamBacklogState, _ streams: ClosedRange<UInt64>, of reader: Requester)
    {
        for stream in streams { _ = state.begins(stream, of: reader, reserving: 10, now: at(0)) }
    }

    @Test func stream_countsWithItsReserve_untilItEnds() {
        var state = state()
        #expect(state.begins(1, of: a, reserving: 10, now: at(0)) == Admission())
        #expect(state.bytes == 10)
        #expect(state.waits(1, holding: 25, now: at(0)) == [])
        #expect(state.bytes == 25)
        state.took(1, holding: 12)
        #expect(state.bytes == 12)
        state.caughtUp(1, holding: 0, now: at(1))
        #expect(state.bytes == 10 && state.count == 1)
        state.ended(1)
        state.ended(1)
        #expect(state.bytes == 0 && state.count == 0 && !state.isOpen(1))
    }

    /// The reader's clients are fast, so none of them is cut.
    @Test func newStream_isRefused_whenItsReaderIsAtItsBound() {
        var state = state()
        for stream in 1...4 as ClosedRange<UInt64> {
            #expect(state.begins(stream, of: a, reserving: 10, now: at(0)) == Admission())
        }
        #expect(state.begins(5, of: a, reserving: 10, now: at(5)) == Admission(refusal: .reader))
        #expect(state.begins(6, of: b, reserving: 10, now: at(5)) == Admission())
        #expect(state.count == 5 && state.bytes == 50)
    }

    /// The stream whose client is slow is cut.
    @Test func slowStream_isCut_forANewOneOfItsReader() {
        var state = state()
        fill(&state, 1...4, of: a)
        state.caughtUp(1, holding: 0, now: at(4))
        #expect(
            state.begins(5, of: a, reserving: 10, now: at(6))
                == Admission(cuts: [Cut(stream: 2, bound: .reader)]))
        #expect(!state.isOpen(2) && state.isOpen(5) && state.bytes == 40)
    }

    @Test func page_cutsTheStreamThatWaitsLongest_beyondTheReadersBound() {
        var state = state()
        fill(&state, 1...3, of: a)
        _ = state.begins(4, of: b, reserving: 10, now: at(0))
        #expect(state.waits(1, holding: 20, now: at(1)) == [])
        #expect(state.waits(3, holding: 20, now: at(2)) == [Cut(stream: 2, bound: .reader)])
        #expect(state.bytes == 50 && state.isOpen(4))
    }

    /// A new stream and a page both cut it.
    @Test func largestReader_isCut_beyondTheBoundOfTheServer() {
        var state = state()
        for stream in 1...4 as ClosedRange<UInt64> {
            _ = state.begins(stream, of: a, reserving: 10, now: at(stream))
        }
        fill(&state, 5...7, of: b)
        fill(&state, 8...10, of: c)
        #expect(state.bytes == 100 && state.isCrowded)
        let newcomer = Requester.network(bits: 9, isIPv6: false)
        #expect(
            state.begins(11, of: newcomer, reserving: 10, now: at(9))
                == Admission(cuts: [Cut(stream: 1, bound: .server)]))
        // All readers hold the same now. The page of the new reader cuts another reader's stream.
        let cuts = state.waits(11, holding: 20, now: at(9))
        #expect(cuts.count == 1 && cuts.allSatisfy { $0.stream != 11 && $0.bound == .server })
        #expect(state.bytes == 100)
    }

    /// New streams are refused when every reader has one stream.
    @Test func loneStream_isNeverCut() {
        var state = state()
        for number in 1...10 as ClosedRange<UInt64> {
            let reader = Requester.network(bits: number, isIPv6: false)
            #expect(state.begins(number, of: reader, reserving: 10, now: at(0)) == Admission())
        }
        #expect(state.begins(11, of: a, reserving: 10, now: at(999)) == Admission(refusal: .server))
        #expect(state.waits(1, holding: 60, now: at(999)) == [])
        #expect(state.count == 10 && state.isOpen(1))
    }

    /// No lone stream is cut.
    @Test func secondStreamOfANewReader_isRefused_whenOnlyLoneStreamsRemain() {
        var state = state()
        for number in 1...9 as ClosedRange<UInt64> {
            _ = state.begins(number, of: .network(bits: number, isIPv6: false), reserving: 10, now: at(0))
        }
        #expect(state.begins(10, of: a, reserving: 10, now: at(1)) == Admission())
        #expect(state.begins(11, of: a, reserving: 10, now: at(60)) == Admission(refusal: .server))
        #expect(state.count == 10 && state.bytes == 100)
    }
}
