import HarborFleet

/// A fix as the tests' partners send it. Only its identity matters.
struct SentFix: Hashable, Sendable {
    let vehicle: String
    let recordedAt: Timestamp

    /// As one element of a POST's `fixes`.
    var json: String {
        #"{"vehicle_id":"\#(vehicle)","recorded_at":"\#(recordedAt.rfc3339)","lat":53.5,"lng":9.98,"speed_mps":5}"#
    }

    /// `vehicle@milliseconds`.
    var key: String { "\(vehicle)@\(recordedAt.milliseconds)" }

    /// The body of a POST.
    static func body(_ fixes: [SentFix]) -> String {
        #"{"fixes":["# + fixes.map(\.json).joined(separator: ",") + "]}"
    }

    /// An hour ago, so that the times that tests add to it are in the past and within the retention.
    static let start = SystemWallClock().now().advanced(by: .seconds(-3_600))

    /// A fix `milliseconds` after `start`.
    init(_ vehicle: String, at milliseconds: Int) {
        self.vehicle = vehicle
        recordedAt = Self.start.advanced(by: .milliseconds(milliseconds))
    }
}
