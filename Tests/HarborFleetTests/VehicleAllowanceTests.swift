import Testing

@testable import HarborFleet

@Suite struct VehicleAllowanceTests {
    @Test func newVehicles_countsThoseUnderWay_untilTheyAreReturned() throws {
        let allowance = VehicleAllowance(maximum: 2)
        let (a, b, c) = (try Samples.vehicle("a"), try Samples.vehicle("b"), try Samples.vehicle("c"))
        let first = Samples.batch([try Samples.fix("a")])
        let second = Samples.batch([try Samples.fix("b"), try Samples.fix("c"), try Samples.fix("a", at: 1)])
        #expect(allowance.newVehicles(in: first, known: [:]) == [a])
        #expect(allowance.newVehicles(in: second, known: [:]) == [a, b])
        allowance.returned([b])
        #expect(allowance.newVehicles(in: Samples.batch([try Samples.fix("c")]), known: [:]) == [c])
    }

    @Test func newVehicles_forgetsThoseThatTheSnapshotHas() throws {
        let allowance = VehicleAllowance(maximum: 2)
        #expect(allowance.newVehicles(in: Samples.batch([try Samples.fix("a")]), known: [:]).count == 1)
        let known = [try Samples.vehicle("a"): VehicleStatus(state: .idle, newest: try Samples.fix("a"))]
        let batch = Samples.batch([try Samples.fix("b"), try Samples.fix("c")])
        let admitted = allowance.newVehicles(in: batch, known: .init(uniqueKeysWithValues: known))
        #expect(admitted == [try Samples.vehicle("b")])
    }
}
