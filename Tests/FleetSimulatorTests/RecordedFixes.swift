import HarborFleet
import Testing

@testable import FleetSimulator

/// Makes the fixes of a replay, one per line of the recording.
enum RecordedFixes {
    static func at(_ seconds: [Int]) throws -> [RecordedFix] {
        let vehicle = try #require(VehicleID("car-1"))
        return seconds.enumerated().map { index, second in
            let time = Timestamp(milliseconds: Int64(second) * 1000)
            return RecordedFix(
                fix: Fix(vehicleID: vehicle, recordedAt: time, latitudeDegrees: 53.5, longitudeDegrees: 9.9),
                point: RecordedPoint(
                    line: index + 1, latitudeDegrees: 53.5, longitudeDegrees: 9.9, time: time,
                    writtenTime: .init(text: "second \(second)", line: index + 1)))
        }
    }
}
