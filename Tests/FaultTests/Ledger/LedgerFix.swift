import Crypto
import Foundation
import HarborFleet

/// A vehicle, by the names that partners use.
struct VehicleName: Hashable, Sendable, CustomStringConvertible {
    let fleet: String
    let vehicle: String

    var description: String { "\(fleet)/\(vehicle)" }
}

/// The identity of a fix.
struct FixKey: Hashable, Sendable, CustomStringConvertible {
    let vehicle: VehicleName
    let milliseconds: Int64

    var description: String { "\(vehicle)@\(milliseconds)" }
}

/// The content of a fix, made of one number, so that a ledger keeps only the number.
struct FixContent: Hashable, Sendable {
    let number: Int
    let latitudeDegrees: Double
    let longitudeDegrees: Double
    let speedMetersPerSecond: Double

    init(_ number: Int) {
        self.init(
            number: number, latitudeDegrees: 53 + Double(number % 7_919) / 10_000,
            longitudeDegrees: 9 + Double(number % 8_101) / 10_000,
            speedMetersPerSecond: Double(number % 400) / 10)
    }

    /// A content as it was read, valid or not.
    init(number: Int, latitudeDegrees: Double, longitudeDegrees: Double, speedMetersPerSecond: Double) {
        self.number = number
        self.latitudeDegrees = latitudeDegrees
        self.longitudeDegrees = longitudeDegrees
        self.speedMetersPerSecond = speedMetersPerSecond
    }
}

/// One fix of a POST.
struct LedgerFix: Hashable, Sendable {
    let key: FixKey
    let number: Int

    /// As one element of a POST's `fixes`.
    var json: String {
        let content = FixContent(number)
        let time = Timestamp(milliseconds: key.milliseconds).rfc3339
        return
            #"{"vehicle_id":"\#(key.vehicle.vehicle)","recorded_at":"\#(time)","lat":\#(content.latitudeDegrees)"#
            + #","lng":\#(content.longitudeDegrees),"speed_mps":\#(content.speedMetersPerSecond)"#
            + #","attributes":{"n":\#(number)}}"#
    }
}

/// A body as it was sent.
struct SentBody: Hashable, Sendable {
    let bytes: Int
    /// SHA-256, in hexadecimal digits.
    let hash: String

    init(_ body: [UInt8]) {
        self.init(
            bytes: body.count, hash: SHA256.hash(data: body).map { String(format: "%02x", $0) }.joined())
    }

    /// A body of which only length and hash are known.
    init(bytes: Int, hash: String) {
        self.bytes = bytes
        self.hash = hash
    }
}

/// One POST, whose copies all have the same body.
struct LedgerPost: Sendable {
    /// `webhook-id`; the same for every copy.
    let id: String
    let partner: String
    let fleet: String
    let fixes: [LedgerFix]

    var body: [UInt8] { Array((#"{"fixes":["# + fixes.map(\.json).joined(separator: ",") + "]}").utf8) }
}
