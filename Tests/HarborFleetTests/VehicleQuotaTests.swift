import HarborFleetTesting
import HashTreeCollections
import Testing

@testable import HarborFleet

@Suite struct VehicleQuotaTests {
    private let start = ContinuousClock.Instant.now

    private func batch(_ names: String...) throws -> FixBatch {
        Samples.batch(try names.enumerated().map { try Samples.fix($0.element, at: Double($0.offset)) })
    }

    private func known(_ names: String...) throws -> TreeDictionary<VehicleID, VehicleStatus> {
        TreeDictionary(
            uniqueKeysWithValues: try names.map { name in
                (try Samples.vehicle(name), VehicleStatus(state: .idle, newest: try Samples.fix(name)))
            })
    }

    private func ids(_ names: String...) throws -> Set<VehicleID> {
        Set(try names.map { try Samples.vehicle($0) })
    }

    @Test func newVehicle_takesAPlace_untilItsPostFails() throws {
        let quota = VehicleQuota(maximum: 2)
        #expect(try quota.newVehicles(in: batch("a"), known: [:], now: start) == ids("a"))
        #expect(try quota.newVehicles(in: batch("b", "c", "a"), known: [:], now: start) == ids("a", "b"))
        quota.ended(try ids("a", "b"), isStored: false, now: start)
        #expect(try quota.newVehicles(in: batch("c", "d"), known: [:], now: start) == ids("c"))
    }

    @Test func failedPost_keepsThePlace_whenAnotherPostHasTheVehicle() throws {
        let quota = VehicleQuota(maximum: 1)
        for _ in 0..<2 {
            #expect(try quota.newVehicles(in: batch("a", "a"), known: [:], now: start) == ids("a"))
        }
        quota.ended(try ids("a"), isStored: false, now: start)
        #expect(try quota.newVehicles(in: batch("b"), known: [:], now: start).isEmpty)
        quota.ended(try ids("a"), isStored: false, now: start)
        #expect(try quota.newVehicles(in: batch("b"), known: [:], now: start) == ids("b"))
    }

    @Test func storedVehicle_keepsItsPlace_whenAnotherPostFails() throws {
        let quota = VehicleQuota(maximum: 1)
        for _ in 0..<2 { _ = try quota.newVehicles(in: batch("a"), known: [:], now: start) }
        quota.ended(try ids("a"), isStored: true, now: start)
        quota.ended(try ids("a"), isStored: false, now: start)
        #expect(try quota.newVehicles(in: batch("b"), known: [:], now: start).isEmpty)
    }

    @Test(arguments: [false, true])
    func vehicleOfTheSnapshot_isCountedOnce(_ isStored: Bool) throws {
        let quota = VehicleQuota(maximum: 2)
        #expect(try quota.newVehicles(in: batch("a"), known: [:], now: start) == ids("a"))
        // The tracker gets the fix before the store.
        if isStored { quota.ended(try ids("a"), isStored: true, now: start) }
        #expect(try quota.newVehicles(in: batch("b", "c"), known: known("a"), now: start) == ids("b"))
    }

    /// The vehicle is removed before a POST brings another new one.
    @Test func storedVehicle_givesItsPlaceBack_whenTheSnapshotNeverHasIt() throws {
        let quota = VehicleQuota(maximum: 1)
        #expect(try quota.newVehicles(in: batch("a"), known: [:], now: start) == ids("a"))
        quota.ended(try ids("a"), isStored: true, now: start)
        let soon = start.advanced(by: .seconds(59))
        #expect(try quota.newVehicles(in: batch("b"), known: [:], now: soon).isEmpty)
        let late = start.advanced(by: .seconds(60))
        #expect(try quota.newVehicles(in: batch("b"), known: [:], now: late) == ids("b"))
        // A vehicle of a POST under way keeps its place, however long the POST takes.
        let later = start.advanced(by: .seconds(600))
        #expect(try quota.newVehicles(in: batch("c"), known: [:], now: later).isEmpty)
    }
}
