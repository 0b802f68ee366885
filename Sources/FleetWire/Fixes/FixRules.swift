package import HarborFleet

/// The rules for a POST of fixes, and the time that it is checked against. The defaults are those of the API
/// contract.
package struct FixRules: Sendable, Equatable {
    /// The time that `recorded_at` is compared with.
    package var now: Timestamp
    /// How far `recorded_at` may be in the past.
    package var retention: Duration
    /// How far `recorded_at` may be ahead of `now`.
    package var clockTolerance = FixBatch.clockTolerance
    /// The maximum number of fixes in one body.
    package var maximumFixes = FixBatch.maximumFixes
    /// The maximum size of one fix's attributes in bytes, in compact form.
    package var maximumAttributeBytes = 2048
    /// The maximum number of unknown members that are named in the response.
    package var maximumIgnoredNames = 32
    /// The fleet that the body's `fleet_id` must name if it is present; nil accepts any.
    package var fleetID: FleetID?
    /// Whether the body must have a `fleet_id`.
    package var requiresFleetID = false
    /// The maximum nesting depth of values, including those of unknown members.
    package var depthLimit = 32

    /// - Parameter retentionDays: `HARBOR_RETENTION_DAYS`.
    package init(now: Timestamp, retentionDays: Int = 90) {
        self.now = now
        retention = .seconds(Int64(retentionDays) * 86_400)
    }
}
