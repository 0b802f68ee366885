import HarborFleetTesting
import Testing

@testable import HarborFleet

@Suite struct SnapshotCellTests {
    private func makeState(epoch: String = "e1", generation: UInt64 = 1) throws -> TrackerState {
        TrackerState(
            fleetID: try Samples.fleet(), epoch: epoch, generation: generation, rules: MotionRules(),
            now: Samples.now)
    }

    /// A cell with `count` events of one state. It holds the last four.
    private func filled(_ count: Int) throws -> (SnapshotCell, TrackerState, [LiveEvent]) {
        let cell = SnapshotCell(eventsHeld: 4)
        var state = try makeState()
        #expect(cell.publish(state.snapshot, []))
        var all: [LiveEvent] = []
        for second in 0..<count {
            let events = state.fixesReceived(
                [try Samples.fix(at: Double(second))], now: Samples.time(Double(second)))
            #expect(cell.publish(state.snapshot, events))
            all += events
        }
        return (cell, state, all)
    }

    @Test func resume_givesExactlyTheMissedEvents_whileTheyAreHeld() throws {
        let (cell, _, _) = try filled(6)
        for since in 2...6 as ClosedRange<UInt64> {
            let resumption = try #require(cell.resume(since: StreamPosition(epoch: "e1", seq: since)))
            #expect(resumption.events.map(\.seq) == Array(since + 1..<7))
            #expect(resumption.snapshot.seq == 6)
        }
    }

    @Test(arguments: [("e1", 1), ("e1", 7), ("e0", 6), ("e1", UInt64.max)] as [(String, UInt64)])
    func resume_isNil_whenAnEventIsNotHeld(epoch: String, seq: UInt64) throws {
        let (cell, _, _) = try filled(6)
        #expect(cell.resume(since: StreamPosition(epoch: epoch, seq: seq)) == nil)
    }

    @Test func changes_rises_withEveryPublicationAndRetirement() throws {
        let (cell, state, _) = try filled(2)
        let before = cell.changes
        let newer = try makeState(epoch: "e2", generation: 2)
        #expect(cell.publish(newer.snapshot, []))
        #expect(cell.changes == before + 1)
        #expect(!cell.publish(state.snapshot, []))
        cell.retire(1)
        #expect(cell.changes == before + 1)
        cell.retire(2)
        #expect(cell.changes == before + 2)
    }

    @Test func closedCell_showsNothing_whenItsTrackerPublishes() throws {
        let (cell, state, _) = try filled(2)
        let before = cell.changes
        #expect(cell.close()?.seq == 2)
        #expect(cell.snapshot == nil && cell.changes == before + 1)
        #expect(!cell.publish(state.snapshot, []))
        #expect(cell.snapshot == nil)
    }

    @Test func publish_refusesAnOlderGeneration() throws {
        let (cell, _, _) = try filled(2)
        let newer = try makeState(epoch: "e2", generation: 2)
        #expect(cell.publish(newer.snapshot, []))
        #expect(!cell.publish(try makeState().snapshot, []))
        cell.retire(1)
        #expect(cell.snapshot?.epoch == "e2")
        #expect(cell.resume(since: StreamPosition(epoch: "e1", seq: 2)) == nil)
        cell.retire(2)
        #expect(cell.snapshot == nil)
        #expect(cell.close()?.epoch == "e2")
    }

    @Test func closedCell_releasesEverything_andKeepsNothingMore() throws {
        final class Made: Sendable {}
        let (cell, _, _) = try filled(2)
        weak let snapshot = cell.snapshot
        weak let made = {
            let made = Made()
            cell.keep(made)
            return made
        }()
        #expect(snapshot != nil && made != nil && cell.kept === made)
        _ = cell.close()
        #expect(snapshot == nil && made == nil)
        cell.keep(Made())
        #expect(cell.kept == nil)
    }
}
