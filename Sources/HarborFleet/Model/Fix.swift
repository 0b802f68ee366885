/// One GPS position of a vehicle that is valid by the rules of ingest. `(fleet, vehicle, recordedAt)` is its
/// identity.
package struct Fix: Sendable, Equatable {
    package var vehicleID: VehicleID
    package var recordedAt: Timestamp
    /// WGS 84, -90...90.
    package var latitudeDegrees: Double
    /// WGS 84, -180...180.
    package var longitudeDegrees: Double
    /// 0...500, as the partner gave it.
    package var speedMetersPerSecond: Double?
    /// Clockwise from true north, 0..<360.
    package var headingDegrees: Double?
    package var altitudeMeters: Double?
    package var accuracyMeters: Double?
    /// A flat JSON object as compact UTF-8 text, braces included; nil when none was given.
    package var attributes: [UInt8]?

    package init(
        vehicleID: VehicleID, recordedAt: Timestamp, latitudeDegrees: Double, longitudeDegrees: Double,
        speedMetersPerSecond: Double? = nil, headingDegrees: Double? = nil, altitudeMeters: Double? = nil,
        accuracyMeters: Double? = nil, attributes: [UInt8]? = nil
    ) {
        self.vehicleID = vehicleID
        self.recordedAt = recordedAt
        self.latitudeDegrees = latitudeDegrees
        self.longitudeDegrees = longitudeDegrees
        self.speedMetersPerSecond = speedMetersPerSecond
        self.headingDegrees = headingDegrees
        self.altitudeMeters = altitudeMeters
        self.accuracyMeters = accuracyMeters
        self.attributes = attributes
    }
}

/// A fix with the values that the server adds to it: one row of the store.
package struct StoredFix: Sendable, Equatable {
    package var fix: Fix
    package var receivedAt: Timestamp
    /// The speed between this fix and the one before it, when the partner gave no speed. It decides the state and
    /// is stored, so that a reload gives the same state. It is never shown.
    package var derivedSpeedMetersPerSecond: Double?
    /// The motion of the vehicle after this fix, derived from it and the fixes before it; nil until it is decided.
    package var motion: Motion?

    package init(
        fix: Fix, receivedAt: Timestamp, derivedSpeedMetersPerSecond: Double? = nil, motion: Motion? = nil
    ) {
        self.fix = fix
        self.receivedAt = receivedAt
        self.derivedSpeedMetersPerSecond = derivedSpeedMetersPerSecond
        self.motion = motion
    }

    /// The speed that decides between moving and idle.
    package var decidingSpeedMetersPerSecond: Double? {
        fix.speedMetersPerSecond ?? derivedSpeedMetersPerSecond
    }
}
