import Testing

@testable import HarborFleet
@testable import HarborFleetAPI

struct LiveStreamStateTests {
    private let fleetID: FleetID
    private let vans: [VehicleID]

    init() throws {
        fleetID = try #require(FleetID("harbor-north"))
        vans = try ["van-1", "van-2"].map { try #require(VehicleID($0)) }
    }

    private func snapshot(_ epoch: String = "a", seq: UInt64, generation: UInt64 = 1) -> FleetSnapshot {
        FleetSnapshot(
            fleetID: fleetID, epoch: epoch, seq: seq, asOf: Timestamp(milliseconds: 0), counts: StateCounts(),
            vehicles: [:], generation: generation)
    }

    private func position(
        _ seq: UInt64, van: Int = 0, epoch: String = "a", generation: UInt64 = 1
    ) -> LiveEvent {
        event(seq, epoch, generation, .position(status(van)))
    }

    private func stateChange(_ seq: UInt64, van: Int = 0) -> LiveEvent {
        event(seq, "a", 1, .state(status(van)))
    }

    private func event(
        _ seq: UInt64, _ epoch: String, _ generation: UInt64, _ kind: LiveEvent.Kind
    ) -> LiveEvent {
        LiveEvent(fleetID: fleetID, epoch: epoch, seq: seq, generation: generation, kind: kind)
    }

    private func status(_ van: Int) -> VehicleStatus {
        let fix = Fix(
            vehicleID: vans[van], recordedAt: Timestamp(milliseconds: 1), latitudeDegrees: 1,
            longitudeDegrees: 2)
        return VehicleStatus(
            state: .moving, newest: StoredFix(fix: fix, receivedAt: Timestamp(milliseconds: 2)))
    }

    private func started(at seq: UInt64) -> LiveStreamState {
        var state = LiveStreamState()
        state.snapshotSent(snapshot(seq: seq))
        return state
    }

    @Test("Events up to the snapshot are dropped, those after it are sent")
    func eventsOfTheSnapshot_areDropped() {
        var state = started(at: 5)
        #expect(state.eventArrived(position(4), isBlocked: false) == .ignore)
        #expect(state.eventArrived(position(5), isBlocked: false) == .ignore)
        #expect(state.eventArrived(position(6), isBlocked: false) == .send)
        #expect(state.eventArrived(position(6), isBlocked: false) == .ignore)
    }

    @Test("A gap is answered by a snapshot")
    func gap_needsASnapshot() {
        var state = started(at: 5)
        #expect(state.eventArrived(position(7), isBlocked: false) == .sendSnapshot)
        state.snapshotSent(snapshot(seq: 7))
        #expect(state.eventArrived(position(8), isBlocked: false) == .send)
    }

    @Test("A new tracker's stream starts with its snapshot, and an abandoned one is not heard again")
    func newGeneration_replacesTheOld() {
        var state = started(at: 5)
        let fresh = snapshot("b", seq: 0, generation: 2)
        #expect(state.eventArrived(event(0, "b", 2, .snapshot(fresh)), isBlocked: false) == .sendSnapshot)
        state.snapshotSent(fresh)
        #expect(state.eventArrived(position(6), isBlocked: false) == .ignore)
        #expect(state.eventArrived(event(0, "b", 2, .snapshot(fresh)), isBlocked: false) == .ignore)
        #expect(state.eventArrived(position(1, epoch: "b", generation: 2), isBlocked: false) == .send)
    }

    @Test("A blocked subscriber gets the newest event per vehicle, in order, with what was left out")
    func blocked_isConflated() throws {
        var state = started(at: 0)
        #expect(state.eventArrived(position(1), isBlocked: true) == .hold)
        #expect(state.eventArrived(position(2, van: 1), isBlocked: true) == .hold)
        #expect(state.eventArrived(position(3), isBlocked: true) == .hold)
        #expect(state.eventArrived(stateChange(4), isBlocked: true) == .hold)
        // It could take more now, but what was held goes first.
        #expect(state.eventArrived(position(5, van: 1), isBlocked: false) == .hold)
        let held = state.released(atMost: 10_000)
        let released = try #require(held)
        #expect(released.map(\.event.seq) == [3, 4, 5])
        #expect(released.map(\.conflated) == [2, 0, 0])
        #expect(state.eventArrived(position(6), isBlocked: false) == .send)
    }

    @Test("A tracker that restarts while a subscriber is blocked leaves it one snapshot to get")
    func restartWhileBlocked_needsOneSnapshot() {
        var state = started(at: 0)
        #expect(state.eventArrived(position(1), isBlocked: true) == .hold)
        let fresh = snapshot("b", seq: 0, generation: 2)
        #expect(state.eventArrived(event(0, "b", 2, .snapshot(fresh)), isBlocked: true) == .hold)
        #expect(state.isBehind)
        #expect(state.released(atMost: 10_000).map(\.count) == nil)
    }

    @Test("What was held gives way to a snapshot when it is too long, and nothing is sent before that")
    func tooMuchHeld_needsASnapshot() {
        var state = started(at: 0)
        #expect(!state.isBehind)
        #expect(state.eventArrived(position(1), isBlocked: true) == .hold)
        #expect(state.isBehind)
        #expect(state.released(atMost: 10).map(\.count) == nil)
        #expect(state.eventArrived(position(2), isBlocked: false) == .sendSnapshot)
        state.snapshotSent(snapshot(seq: 2))
        #expect(!state.isBehind)
        #expect(state.eventArrived(position(3), isBlocked: false) == .send)
    }

    @Test("Consecutive events may be sent in one piece, others not")
    func piece_isConsecutive() {
        var state = started(at: 3)
        #expect(state.isNext([position(4), position(5)]))
        #expect(!state.isNext([position(5)]))
        #expect(!state.isNext([position(4), position(6)]))
        #expect(!state.isNext([position(4, epoch: "b")]))
        #expect(!state.isNext([]))
        state.sent([position(4), position(5)])
        #expect(state.isNext([position(6)]))
    }

    @Test("The end of a fleet closes the stream")
    func end_closes() {
        var state = started(at: 3)
        #expect(state.eventArrived(event(3, "a", 1, .ended), isBlocked: false) == .close)
    }
}
