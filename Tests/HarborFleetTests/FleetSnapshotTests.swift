import HarborFleetTesting
import Testing

@testable import HarborFleet

@Suite struct FleetSnapshotTests {
    @Test(arguments: [0, 1, 9, 10, 11, 19, 20, 21, 500])
    func firstVehicles_areInNaturalOrder(vehicles: Int) throws {
        var state = TrackerState(
            fleetID: try Samples.fleet(), epoch: "e1", generation: 1, rules: MotionRules(), now: Samples.now)
        let ids = (0..<vehicles).map { "van-\($0)" }
        _ = state.fixesReceived(try ids.map { try Samples.fix($0) }, now: Samples.now)
        let first = state.snapshot.firstVehicles(10)
        #expect(first.map(\.vehicleID.rawValue) == Array(ids.prefix(10)))
    }
}
