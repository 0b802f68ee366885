package import HarborFleet
package import StoreCache
import Synchronization

/// The tracks of one fleet, generated while they are read: nothing is stored, however long they are. The tests of the
/// stores run the same cases on it and on that of PostgreSQL.
package final class MemoryTrackStore: TrackStore {
    private struct State {
        var vehicles: [VehicleID: (key: Int64, count: Int)] = [:]
        var lastKey: Int64 = 0
        var pages: [Int] = []
        var crossings: [Int] = []
        var failsAfter: Int?
        var makes: [VehicleID: @Sendable (VehicleID, Int) -> StoredFix] = [:]
        var gate: (@Sendable () async -> Void)?
    }

    /// The time of every vehicle's first fix: 2026-11-20T17:00:00.000Z; the others follow at intervals of one
    /// second.
    package static let start = Timestamp(milliseconds: 1_795_194_000_000)

    private let fleetID: FleetID
    private let make: @Sendable (VehicleID, Int) -> StoredFix
    private let state = Mutex(State())

    /// - Parameter make: the n-th fix of a vehicle, without its time.
    package init(
        _ fleetID: FleetID, make: @escaping @Sendable (VehicleID, Int) -> StoredFix = MemoryTrackStore.plain
    ) {
        self.fleetID = fleetID
        self.make = make
    }

    /// A fix with only a position.
    package static let plain: @Sendable (VehicleID, Int) -> StoredFix = { vehicle, index in
        StoredFix(
            fix: Fix(
                vehicleID: vehicle, recordedAt: start, latitudeDegrees: 53.5,
                longitudeDegrees: 9.9 + Double(index % 1_000) / 1_000),
            receivedAt: start)
    }

    /// Makes a vehicle with `count` fixes.
    /// - Parameter make: its fixes; nil means those of all other vehicles.
    package func put(
        _ count: Int, of vehicle: VehicleID, make: (@Sendable (VehicleID, Int) -> StoredFix)? = nil
    ) {
        state.withLock { state in
            state.lastKey += 1
            state.makes[vehicle] = make
            state.vehicles[vehicle] = (state.lastKey, count)
        }
    }

    /// Removes a vehicle and its fixes.
    package func remove(_ vehicle: VehicleID) {
        state.withLock { $0.vehicles[vehicle] = nil }
    }

    /// Makes all pages after the first `count` fail; nil ends that.
    package func fail(after count: Int?) {
        state.withLock { $0.failsAfter = count }
    }

    /// Makes every page wait for `gate`.
    package func hold(_ gate: (@Sendable () async -> Void)?) {
        state.withLock { $0.gate = gate }
    }

    /// The limits of the requested pages.
    package var pages: [Int] { state.withLock { $0.pages } }

    package func vehicle(_ id: VehicleID, of fleetID: FleetID) async throws(StoreError) -> VehicleLookUp {
        guard fleetID == self.fleetID else { return .unknownFleet }
        guard let key = state.withLock({ $0.vehicles[id]?.key }) else { return .unknownVehicle }
        return .found(TrackedVehicle(id: id, key: key))
    }

    package func fixes(
        of vehicle: TrackedVehicle, in period: Range<Timestamp>, limit: Int, attributeBytes: Int
    ) async throws(StoreError) -> [StoredFix] {
        let (fails, gate) = state.withLock { state in
            state.pages.append(limit)
            return (state.pages.count > state.failsAfter ?? .max, state.gate)
        }
        await gate?()
        if fails { throw StoreError(.unavailable, detail: "told to fail") }
        var room = attributeBytes
        var page: [StoredFix] = []
        for index in indexes(of: vehicle, in: period).prefix(limit) where room > 0 {
            var stored = made(vehicle.id, index)
            stored.fix.recordedAt = Self.start.advanced(by: .seconds(index))
            room -= stored.fix.attributes?.count ?? 0
            page.append(stored)
        }
        return page
    }

    package func crossesAntimeridian(
        _ vehicle: TrackedVehicle, in period: Range<Timestamp>, limit: Int
    ) async throws(StoreError) -> Bool {
        state.withLock { $0.crossings.append(limit) }
        let longitudes = indexes(of: vehicle, in: period).prefix(limit).map {
            made(vehicle.id, $0).fix.longitudeDegrees
        }
        return zip(longitudes, longitudes.dropFirst()).contains { abs($1 - $0) > 180 }
    }

    /// The limits of the queries whether a track crosses the antimeridian.
    package var crossings: [Int] { state.withLock { $0.crossings } }

    /// The fixes of one life of a vehicle that were recorded in `period`.
    private func indexes(of vehicle: TrackedVehicle, in period: Range<Timestamp>) -> Range<Int> {
        let count = state.withLock { state in
            state.vehicles[vehicle.id].map { $0.key == vehicle.key ? $0.count : 0 } ?? 0
        }
        let all = Self.index(notBefore: period.lowerBound)..<Self.index(notBefore: period.upperBound)
        return all.clamped(to: 0..<count)
    }

    private func made(_ vehicle: VehicleID, _ index: Int) -> StoredFix {
        (state.withLock { $0.makes[vehicle] } ?? make)(vehicle, index)
    }

    private static func index(notBefore time: Timestamp) -> Int {
        let milliseconds = min(max(time.milliseconds - start.milliseconds, 0), 1 << 40)
        return Int((milliseconds + 999) / 1_000)
    }
}
