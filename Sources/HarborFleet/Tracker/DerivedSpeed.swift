internal import Glibc

/// The speed between two fixes, for partners that send no speed.
package enum DerivedSpeed {
    /// IUGG mean radius of the Earth.
    private static let earthRadiusMeters = 6_371_008.8

    /// - Returns: nil unless `newer` was recorded after `older`.
    package static func metersPerSecond(from older: Fix, to newer: Fix) -> Double? {
        let milliseconds = newer.recordedAt.since(older.recordedAt).wholeMilliseconds
        guard milliseconds > 0 else { return nil }
        return metersBetween(older, newer) / (Double(milliseconds) / 1000)
    }

    /// The length of the great circle (haversine), precise enough for both near points and antipodes.
    static func metersBetween(_ a: Fix, _ b: Fix) -> Double {
        let latitudeA = radians(a.latitudeDegrees)
        let latitudeB = radians(b.latitudeDegrees)
        let halfLatitude = sin((latitudeB - latitudeA) / 2)
        let halfLongitude = sin(radians(b.longitudeDegrees - a.longitudeDegrees) / 2)
        let square =
            halfLatitude * halfLatitude + cos(latitudeA) * cos(latitudeB) * halfLongitude * halfLongitude
        return 2 * earthRadiusMeters * asin(min(1, square.squareRoot()))
    }

    private static func radians(_ degrees: Double) -> Double { degrees * .pi / 180 }
}
