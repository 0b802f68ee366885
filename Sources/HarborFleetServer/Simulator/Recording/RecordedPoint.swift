package import HarborFleet

/// One track point of a recording, as it stands in the file.
package struct RecordedPoint: Equatable, Sendable {
    package var latitudeDegrees: Double
    package var longitudeDegrees: Double
    package var elevationMeters: Double?
    /// nil when there is none, or it cannot be read.
    package var time: Timestamp?
    package var speedMetersPerSecond: Double?
    package var courseDegrees: Double?

    package init(
        latitudeDegrees: Double, longitudeDegrees: Double, elevationMeters: Double? = nil,
        time: Timestamp? = nil, speedMetersPerSecond: Double? = nil, courseDegrees: Double? = nil
    ) {
        self.latitudeDegrees = latitudeDegrees
        self.longitudeDegrees = longitudeDegrees
        self.elevationMeters = elevationMeters
        self.time = time
        self.speedMetersPerSecond = speedMetersPerSecond
        self.courseDegrees = courseDegrees
    }
}
