package import HarborFleet

/// What a POST of fixes may hold, and the clock that it is held against. The defaults are the contract's.
package struct FixRules: Sendable, Equatable {
    /// What `recorded_at` is compared with.
    package var now: Timestamp
    /// How far back `recorded_at` may lie.
    package var retention: Duration
    /// How far ahead of `now` it may lie.
    package var clockTolerance = FixBatch.clockTolerance
    /// The most fixes in one body.
    package var maximumFixes = FixBatch.maximumFixes
    /// The most bytes of one fix's attributes, written compactly.
    package var maximumAttributeBytes = 2048
    /// How many unknown members are named in the answer.
    package var maximumIgnoredNames = 32
    /// The fleet that the body's `fleet_id` has to name, when it names any.
    package var fleetID: FleetID?
    /// Whether the body has to name it.
    package var requiresFleetID = false
    /// How deep values may be nested, those of unknown members too.
    package var depthLimit = 32

    /// - Parameter retentionDays: `HARBOR_RETENTION_DAYS`.
    package init(now: Timestamp, retentionDays: Int = 90) {
        self.now = now
        retention = .seconds(Int64(retentionDays) * 86_400)
    }
}
