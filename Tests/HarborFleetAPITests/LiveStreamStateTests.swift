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

    @Test func events_areDropped_upToTheSnapshot() {
        var state = started(at: 5)
        #expect(state.eventArrived(position(4), isBlocked: false) == .ignore)
        #expect(state.eventArrived(position(5), isBlocked: false) == .ignore)
        #expect(state.eventArrived(position(6), isBlocked: false) == .send)
        #expect(state.eventArrived(position(6), isBlocked: false) == .ignore)
    }

    @Test func gap_needsASnapshot() {
        var state = started(at: 5)
        #expect(state.eventArrived(position(7), isBlocked: false) == .sendSnapshot)
        state.snapshotSent(snapshot(seq: 7))
        #expect(state.eventArrived(position(8), isBlocked: false) == .send)
    }

    @Test func newGeneration_startsWithASnapshot_andTheOldOneIsIgnored() {
        var state = started(at: 5)
        let fresh = snapshot("b", seq: 0, generation: 2)
        #expect(state.eventArrived(event(0, "b", 2, .snapshot(fresh)), isBlocked: false) == .sendSnapshot)
        state.snapshotSent(fresh)
        #expect(state.eventArrived(position(6), isBlocked: false) == .ignore)
        #expect(state.eventArrived(event(0, "b", 2, .snapshot(fresh)), isBlocked: false) == .ignore)
        #expect(state.eventArrived(position(1, epoch: "b", generation: 2), isBlocked: false) == .send)
    }

    /// The events keep their order and say how many were left out.
    @Test func blockedSubscriber_getsTheNewestEventPerVehicle() throws {
        var state = started(at: 0)
        #expect(state.eventArrived(position(1), isBlocked: true) == .hold)
        #expect(state.eventArrived(position(2, van: 1), isBlocked: true) == .hold)
        #expect(state.eventArrived(position(3), isBlocked: true) == .hold)
        #expect(state.eventArrived(stateChange(4), isBlocked: true) == .hold)
        // The subscriber has room again, but the held events go first.
        #expect(state.eventArrived(position(5, van: 1), isBlocked: false) == .hold)
        let held = state.released(atMost: 10_000)
        let released = try #require(held)
        #expect(released.map(\.event.seq) == [3, 4, 5])
        #expect(released.map(\.conflated) == [2, 0, 0])
        #expect(state.eventArrived(position(6), isBlocked: false) == .send)
    }

    @Test func blockedSubscriber_getsOneSnapshot_afterATrackerRestart() {
        var state = started(at: 0)
        #expect(state.eventArrived(position(1), isBlocked: true) == .hold)
        let fresh = snapshot("b", seq: 0, generation: 2)
        #expect(state.eventArrived(event(0, "b", 2, .snapshot(fresh)), isBlocked: true) == .hold)
        #expect(state.isBehind)
        #expect(state.released(atMost: 10_000).map(\.count) == nil)
    }

    /// Nothing is sent before the snapshot.
    @Test func heldEvents_areReplacedByASnapshot_whenTheyAreTooMany() {
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

    @Test func events_areSentInOnePiece_whenTheyAreConsecutive() {
        var state = started(at: 3)
        #expect(state.isNext([position(4), position(5)]))
        #expect(!state.isNext([position(5)]))
        #expect(!state.isNext([position(4), position(6)]))
        #expect(!state.isNext([position(4, epoch: "b")]))
        #expect(!state.isNext([]))
        state.sent([position(4), position(5)])
        #expect(state.isNext([position(6)]))
    }

    @Test func endOfTheFleet_closesTheStream() {
        var state = started(at: 3)
        #expect(state.eventArrived(event(3, "a", 1, .ended), isBlocked: false) == .close)
    }
}
